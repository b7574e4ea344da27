import type { Driver } from 'unstorage';
import type { SegmentOptions } from '../../dist/types.js';
import type { SharedDict } from '../shared-dict.js';

/**
 * A driver for unstorage, over `dict` or over the dictionary called `name`, which it opens or creates (`size` is by
 * default `64mb`). An existing dictionary with other options is used as it is (`onMismatch` is by default `'open'`).
 * Keys are put under `base`. Errors reject.
 *
 * ```js
 * const storage = createStorage({ driver: shmDriver({ name: 'app', onFull: 'evict' }) });
 * ```
 */
declare function shmDriver(options: shmDriver.Options): Driver;

declare namespace shmDriver {
  type Options = { dict: SharedDict<any>; base?: string | undefined } | (SegmentOptions & { name: string; base?: string | undefined });
  export { shmDriver as default, type Options };
}
export = shmDriver;
