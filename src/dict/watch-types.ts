// Types of `watch` and `waitFor`. Re-exported by index.d.ts, so the comments are for users.
import type { WaitOptions } from '../object/named-types.js';

/** Options of `waitFor`. */
export interface WaitForOptions extends WaitOptions {
  /** The version that the key must no longer have; `0n` for a missing key. Default: the present one. */
  version?: bigint | undefined;
}

/** Options of `watch`. */
export interface WatchOptions {
  /** Tell only changes of keys that begin with this. Default: of all keys. */
  prefix?: string | undefined;
  /** Ends the iteration when aborted. */
  signal?: AbortSignal | undefined;
  /** Whether waiting for a change keeps the process alive. Default `false`. */
  ref?: boolean | undefined;
}

/** What `watch` tells. */
export type DictEvent =
  /** An entry was written; it had this version then. */
  | { type: 'set'; key: string; version: bigint; missed?: undefined }
  /** An entry was deleted or taken, or the last item of a list; reclaimed after its expiry; or evicted. */
  | { type: 'delete' | 'expire' | 'evict'; key: string; version?: undefined; missed?: undefined }
  /** All entries were removed by `clear`. */
  | { type: 'clear'; key?: undefined; version?: undefined; missed?: undefined }
  /**
   * The watcher was too slow: this many changes are lost, whatever their keys; `undefined` if damaged memory had to be
   * rebuilt, and their number is not known.
   */
  | { type: 'overflow'; missed: number | undefined; key?: undefined; version?: undefined };
