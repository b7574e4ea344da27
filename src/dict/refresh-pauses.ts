// How long failed background refreshes wait for their next attempt.
import { now } from '../addon/intrinsics.js';
import type { DictHandle } from './handle.js';

/** Milliseconds after a first failure; each further one doubles them. */
const SHORTEST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;
/** The number of keys that are remembered. */
const MOST_KEYS = 10_000;

/** Pauses, by segment and key, oldest failure first. */
const pauses = new Map<string, { pause: number; until: number }>();

export function mayRefresh(handle: DictHandle, key: string): boolean {
  const found = pauses.get(nameOf(handle, key));
  return found === undefined || now() >= found.until;
}

/** Records how a refresh ended. */
export function noteRefresh(handle: DictHandle, key: string, failed: boolean): void {
  const name = nameOf(handle, key);
  const before = pauses.get(name);
  pauses.delete(name);
  if (!failed) return;
  const pause = before === undefined ? SHORTEST_PAUSE : Math.min(before.pause * 2, LONGEST_PAUSE);
  pauses.set(name, { pause, until: now() + pause });
  const [oldest] = pauses.keys();
  if (pauses.size > MOST_KEYS && oldest !== undefined) pauses.delete(oldest);
}

function nameOf({ segment }: DictHandle, key: string): string {
  return `${segment} ${key}`;
}
