// The operations of a storm: the same from the same seed, so that a watcher knows which one was in progress when a
// process died.
import type { SharedDict } from 'shmkit';
import { generator } from './random';

/** Counters that all processes share. */
export const COUNTERS = 8;
/** How many keys each lane has for itself. */
const OWN_KEYS = 24;

/** One call. `tag` and `length` make up its value. */
export type Operation = { readonly key: string } & (
  | { readonly kind: 'incr' | 'delete' | 'pop' | 'read' | 'verify' }
  | { readonly kind: 'set' | 'push'; readonly tag: string; readonly length: number }
);

/** Returns whether a dictionary may take more memory than it has. */
export function canGrow(dict: SharedDict): boolean {
  const { size, maxSize } = dict.stats();
  return size < maxSize;
}

/**
 * Yields operations without end. A lane has one process at a time, so no other process writes its own keys. In a dictionary
 * that grows, most operations add a key.
 */
export function* operationsOf(seed: number, lane: number, lanes: number, grows: boolean): Generator<Operation, never> {
  const random = generator(seed);
  for (let step = 0; ; step += 1) {
    if (grows && random(4) > 0) {
      yield { kind: 'set', key: `more-${lane}-${seed}-${step}`, tag: String(step), length: 1 + random(100) };
      continue;
    }
    const own = `own-${lane}-${random(OWN_KEYS)}`;
    const list = `list-${lane}`;
    const tag = `${seed}.${step}`;
    const dice = random(100);
    if (dice < 30) yield { kind: 'incr', key: `total-${random(COUNTERS)}` };
    else if (dice < 50) yield { kind: 'set', key: own, tag, length: 1 + random(3000) };
    else if (dice < 61) yield { kind: 'set', key: `large-${lane}`, tag, length: 100_000 + random(300_000) };
    else if (dice < 75) yield { kind: 'delete', key: own };
    else if (dice < 81) yield { kind: 'push', key: list, tag, length: 1 + random(300) };
    else if (dice < 88) yield { kind: 'pop', key: list };
    // Holds each lock for a long time, in which the process may be killed or stopped.
    else if (dice < 92) yield { kind: 'verify', key: '' };
    else yield { kind: 'read', key: `own-${random(lanes)}-${random(OWN_KEYS)}` };
  }
}

/** Returns the value that an operation writes: its bytes show whether it is complete, and which key it belongs to. */
export function valueOf(key: string, tag: string, length: number): Buffer {
  return Buffer.alloc(length, `${key}#${tag};`);
}

/** Returns whether all bytes belong to one value of this key. */
export function isWhole(key: string, value: Buffer): boolean {
  const end = value.indexOf(59);
  const stamp = end < 0 ? value.toString('latin1') : value.toString('latin1', 0, end + 1);
  const known = end < 0 ? `${key}#` : stamp;
  return stamp.startsWith(`${key}#`.slice(0, value.length)) && (end < 0 || value.equals(Buffer.alloc(value.length, known)));
}
