// What adapters do alike with a dictionary's entries.
import { createHash } from 'node:crypto';
import type { SharedDict } from 'shmkit';

/** The dictionary of an adapter. It may hold other programs' entries, so no type is promised. */
export type Dict = SharedDict<any>;

/** In code units. A dictionary refuses keys of more than 65,535 bytes, and clients choose some of the keys here. */
const LONGEST_KEY = 1024;

/** Returns the key of an entry. A long key is cut and ends in its hash, and is longer than any key that is not. */
export function boundedKey(prefix: string, key: string): string {
  if (key.length <= LONGEST_KEY) return prefix + key;
  const hash = createHash('sha256').update(Buffer.from(key, 'utf16le')).digest('hex');
  return `${prefix}${key.slice(0, LONGEST_KEY)}#${hash}`;
}

/** In ms: a nanosecond, the dictionary's unit. */
const SHORTEST_WINDOW = 1e-6;

/** Options of `incr`. */
export interface CountOptions {
  readonly init: 0;
  readonly initTtl: number;
  readonly detail: true;
}

/** Returns options that begin a window of this many ms, with the first hit only; 0 for a count that never ends. */
export function countOptions(windowMs: number): CountOptions {
  return { init: 0, initTtl: windowMs > 0 ? windowMs / 1000 : 0, detail: true };
}

/**
 * Returns a shortest window for one of this many ms. Frameworks take a window of 0 for one that is always over, and a
 * dictionary takes it for one that never ends.
 */
export function atLeastShortest(windowMs: number): number {
  return Math.max(windowMs, SHORTEST_WINDOW);
}

/** Returns the entry of a counter as it is. Throws for what another program has stored. */
export function counterIn<T extends { value: unknown } | undefined>(entry: T): T {
  if (entry !== undefined && typeof entry.value !== 'number') throw new TypeError('an entry with the prefix of a limiter is no count');
  return entry;
}

/** Removes all entries whose keys start with `prefix`. */
export function clearPrefix(dict: Dict, prefix: string): void {
  if (prefix === '') dict.clear();
  else dict.deletePrefix(prefix);
}

/**
 * Stores a value for a time that the framework gives in ms. Without a time, or with `Infinity`, it never expires; a time
 * that is over removes the key, where the dictionary itself would take 0 for "never".
 */
export function setForMs(dict: Dict, key: string, value: unknown, ms: number | null | undefined): void {
  if (ms === undefined || ms === null || ms === Infinity) dict.set(key, value);
  else if (ms <= 0) dict.delete(key);
  else dict.set(key, value, ms / 1000);
}
