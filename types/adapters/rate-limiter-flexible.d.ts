import { type IRateLimiterStoreOptions, RateLimiterStoreAbstract } from 'rate-limiter-flexible';
import type { SharedDict } from '../shared-dict.js';

/**
 * A limiter of rate-limiter-flexible that counts in a dictionary.
 *
 * ```js
 * const limiter = new RateLimiterShm({ storeClient: dict, points: 10, duration: 1 });
 * ```
 *
 * Errors of the dictionary reject, or lead to the `insuranceLimiter`.
 */
export class RateLimiterShm extends RateLimiterStoreAbstract {
  constructor(options: Omit<IRateLimiterStoreOptions, 'storeClient'> & { storeClient: SharedDict<any> });
}
