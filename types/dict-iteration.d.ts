import type { DeletePrefixOptions, DictIterator } from '../dist/dict/iteration-types.js';
import { NamedObject } from './named-object.js';

/** The calls of a `SharedDict` that go through its keys. */
export abstract class DictIteration<V> extends NamedObject {
  protected constructor();

  /** Returns up to `max` keys (default 0: all) in no particular order. O(entries). */
  getKeys(max?: number): string[];
  /** Alias of `getKeys`. */
  get_keys(max?: number): string[];
  /**
   * Returns an iterator over the keys, or over those that start with `prefix`, compared by code units. O(entries).
   *
   * All iterators are weakly consistent: a key that exists throughout the iteration is yielded exactly once; a key that
   * is added or removed meanwhile may or may not be. A `for await` loop over any of them lets the event loop turn every
   * half a millisecond.
   */
  keys(options?: { prefix?: string | undefined }): DictIterator<string>;
  /**
   * Returns an iterator over the values, as consistent as `keys`. A list is yielded as an array. Values that this handle
   * cannot read (`ERR_SHM_UNSUPPORTED`) are left out; a damaged one throws `ERR_SHM_CORRUPT`, with its key in `error.key`.
   */
  values(): DictIterator<V>;
  /** Returns an iterator over `[key, value]` pairs, otherwise like `values`. */
  entries(): DictIterator<[string, V]>;
  /** Same as `entries`. */
  [Symbol.iterator](): DictIterator<[string, V]>;
  /** Same as `entries`, for `for await`. */
  [Symbol.asyncIterator](): AsyncIterableIterator<[string, V]>;
  /** Calls `callback` for each entry, as `entries` yields them. */
  forEach(callback: (value: V, key: string, dict: this) => void, thisArg?: unknown): void;
  /**
   * Removes the keys that start with `prefix`, compared by code units, and returns how many it removed. Each is removed as
   * by `delete`. Keys that exist throughout are removed; those written meanwhile may stay, and values that `getOrSet` loads
   * meanwhile are returned but not stored, whatever their keys. O(entries), without a string for each.
   */
  deletePrefix(prefix: string, options?: DeletePrefixOptions): number;
}
