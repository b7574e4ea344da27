// How a dictionary tells of changes.
import type { WaitForOptions } from '../dist/dict/watch-types.js';
import type { Entry } from '../dist/types.js';

/** Methods of `SharedDict` that wait for changes. */
export interface DictChanges<V> {
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
