import type { SharedDict } from '../shared-dict.js';

export interface ShmKeyValueCacheOptions {
  /** Precedes the keys in the dictionary. Default: none. */
  prefix?: string | undefined;
  /** Seconds to live of entries that are stored without. Default 300. */
  ttl?: number | undefined;
}

/**
 * A `KeyValueCache` of Apollo. Errors reject; `ErrorsAreMissesCache` makes misses of them.
 *
 * ```js
 * const server = new ApolloServer({ typeDefs, resolvers, cache: new ErrorsAreMissesCache(new ShmKeyValueCache(dict)) });
 * ```
 */
export class ShmKeyValueCache {
  constructor(dict: SharedDict<any>, options?: ShmKeyValueCacheOptions);
  get(key: string): Promise<string | undefined>;
  /** `ttl` is in seconds; null means that the entry never expires. */
  set(key: string, value: string, options?: { ttl?: number | null }): Promise<void>;
  delete(key: string): Promise<boolean>;
}
