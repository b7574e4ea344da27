import type { SharedDict } from '../shared-dict.js';

export interface ShmRateLimitStoreOptions {
  /** Precedes the keys in the dictionary. Default `rate-limit:`. Two limiters need two prefixes. */
  prefix?: string | undefined;
}

/**
 * A store for express-rate-limit, express-slow-down and hono-rate-limiter. Counts and remaining times are exact across
 * processes.
 *
 * ```js
 * app.use(rateLimit({ windowMs: 60_000, limit: 100, store: new ShmRateLimitStore(dict) }));
 * ```
 *
 * Errors of the dictionary are thrown: the middleware refuses the request, or lets it pass with `passOnStoreError: true`.
 */
export class ShmRateLimitStore {
  constructor(dict: SharedDict<any>, options?: ShmRateLimitStoreOptions);
  readonly localKeys: false;
  readonly prefix: string;
  /** Called by the middleware. */
  init(options: { windowMs: number }): void;
  get(key: string): { totalHits: number; resetTime: Date | undefined } | undefined;
  increment(key: string): { totalHits: number; resetTime: Date | undefined };
  decrement(key: string): void;
  resetKey(key: string): void;
  resetAll(): void;
}
