import type { SharedDict } from '../shared-dict.js';

type Callback = (error: Error | null, result?: { current: number; ttl: number }) => void;

export interface FastifyShmStore {
  incr(key: string, callback: Callback, timeWindow: number, max: number): void;
  read(key: string, callback: Callback, timeWindow?: number, max?: number): void;
  child(options: any): FastifyShmStore;
}

/**
 * Returns a store class for @fastify/rate-limit.
 *
 * ```js
 * await app.register(rateLimit, { max: 100, timeWindow: 60_000, store: fastifyRateLimitStore(dict) });
 * ```
 *
 * `prefix` precedes the keys in the dictionary; default `rate-limit`. Two applications need two prefixes. Errors fail the request, or let it pass with `skipOnError: true`.
 */
export function fastifyRateLimitStore(dict: SharedDict<any>, options?: { prefix?: string | undefined }): new (options: any) => FastifyShmStore;
