// How a dictionary tells of changes.
import type { DictEvent, WaitForOptions, WatchOptions } from '../dist/dict/watch-types.js';
import type { Entry } from '../dist/types.js';

/** Methods of `SharedDict` that wait for changes. */
export interface DictChanges<V> {
  /**
   * Returns an iterator of what any process changes, this one included, from this call on. Changes of one key come in their
   * order, none twice; between different keys there is no order. A `set` is every write of an entry (`incr`, `expire` and
   * `persist`, and pushes and pops of a list too). Values are not told: read them. An expired entry is told when its memory
   * is reclaimed, which may be long after its expiry.
   *
   * A watcher that is too slow for the option `feed` hears `overflow`, with the exact number of changes that it has missed.
   * The iteration ends by `break` or `return()`, when the signal is aborted, and when the handle is closed. A pending `next`
   * keeps the process alive only with `ref: true`. While nothing watches a dictionary, its writers do nothing for it.
   *
   * Throws `ERR_SHM_READONLY` for a read-only handle, and `ERR_SHM_UNSUPPORTED` if the dictionary was made with `feed: 0`. The
   * iterator throws `ERR_SHM_RETIRED` once the dictionary was replaced.
   */
  watch(options?: WatchOptions): AsyncIterableIterator<DictEvent>;

  /**
   * Waits until the version of the key's entry differs from `version`, and resolves to what `getEntry` returns then:
   * `undefined` if the key is gone. Resolves to `null` after the timeout. Every write of the key, its removal, its expiry
   * and `clear` end the wait, through whatever handle of whatever process; so may a move of the entry.
   *
   * One thread of the process waits for all calls. A read-only handle cannot announce that it waits, and looks at the key
   * up to 20 times a second. Default: the present version, no limit of time.
   *
   * Rejects with an `AbortError` if the signal is aborted, with `ERR_SHM_WRONG_TYPE` if the value is a list then, and as
   * `getEntry`.
   */
  waitFor(key: string, options?: WaitForOptions): Promise<Entry<V> | undefined | null>;
}
