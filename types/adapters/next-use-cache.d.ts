import type { Size } from '../../dist/types.js';

interface CacheHandlers {
  get(key: string, softTags: string[]): Promise<any>;
  set(key: string, pending: Promise<any>): Promise<void>;
  refreshTags(): Promise<void>;
  getExpiration(tags: string[]): Promise<number>;
  updateTags(tags: string[], durations?: { expire?: number | undefined }): Promise<void>;
}

/**
 * An entry of `cacheHandlers` of Next.js 16 for `'use cache'`, shared by all servers of a machine and configured by the
 * environment as `shmkit/next` is.
 *
 * ```js
 * module.exports = { cacheComponents: true, cacheHandlers: { default: require.resolve('shmkit/next-use-cache') } };
 * ```
 */
declare const cacheHandlers: CacheHandlers & {
  /** Returns a handler with options, to be exported from a module of yours. */
  createCacheHandlers(options?: { name?: string | undefined; size?: Size | undefined; dir?: string | undefined }): CacheHandlers;
  default: CacheHandlers;
};
export = cacheHandlers;
