import type { Writable } from 'node:stream';
import type { SharedDict } from '../shared-dict.js';

export interface ShmCacheStoreOptions {
  /** Precedes the keys in the dictionary. Default `http:`. */
  prefix?: string | undefined;
  /** The largest body that is stored, in bytes. Default 5 MiB. */
  maxEntrySize?: number | undefined;
  /** How many variants of one response are kept, by the headers that `vary` names; the oldest give way. Default 32. */
  maxVariants?: number | undefined;
}

/**
 * A store for the cache interceptor of undici.
 *
 * ```js
 * setGlobalDispatcher(new Agent().compose(interceptors.cache({ store: new ShmCacheStore(dict) })));
 * ```
 *
 * A response that does not fit is not cached. Where the dictionary is closed, or holds another program's value, requests
 * are answered without the cache.
 */
export class ShmCacheStore {
  constructor(dict: SharedDict<any>, options?: ShmCacheStoreOptions);
  /** How often the dictionary could not be used, or held another program's value. */
  readonly failed: number;
  get(key: { origin: string; method: string; path: string; headers?: any }): any;
  createWriteStream(key: { origin: string; method: string; path: string; headers?: any }, value: any): Writable;
  /** Removes the responses of all methods to an origin and path. */
  delete(key: { origin: string; method: string; path: string; headers?: any }): void;
}
