import type { Size } from '../../dist/types.js';

/**
 * The `cacheHandler` of Next.js 16 for pages, route handlers, fetches and images, shared by all servers of a machine.
 * It is configured by the environment: SHMKIT_NEXT_NAME (default `next`), SHMKIT_NEXT_SIZE (`64mb`), SHMKIT_NEXT_DIR.
 *
 * ```js
 * module.exports = { cacheHandler: require.resolve('shmkit/next'), cacheMaxMemorySize: 0 };
 * ```
 */
declare class cacheHandler {
  constructor(context?: any);
  get(key: string, context?: any): Promise<any>;
  set(key: string, value: any, context?: any): Promise<void>;
  revalidateTag(tags: string | string[], durations?: { expire?: number | undefined }): Promise<void>;
  resetRequestCache(): void;
}

declare namespace cacheHandler {
  interface NextOptions {
    /** Default: SHMKIT_NEXT_NAME, or `next`. */
    name?: string | undefined;
    /** Default: SHMKIT_NEXT_SIZE, or `64mb`. */
    size?: Size | undefined;
    dir?: string | undefined;
  }
  /** Returns a handler class with options, to be exported from a module of yours. */
  function createCacheHandler(options?: NextOptions): typeof cacheHandler;
  export { cacheHandler as default, handler as cacheHandler, createCacheHandler, type NextOptions };
}
import handler = cacheHandler;
export = cacheHandler;
