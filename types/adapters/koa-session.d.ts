import type { SharedDict } from '../shared-dict.js';

export interface KoaSessionStoreOptions {
  /** Precedes the keys in the dictionary. Default `koa:`. */
  prefix?: string | undefined;
  /** Seconds to live of a session that ends with the browser. Default 86400. */
  ttl?: number | undefined;
}

/**
 * Returns a store for koa-session. Errors reject, and so fail the request.
 *
 * ```js
 * app.use(session({ store: koaSessionStore(dict) }, app));
 * ```
 */
export function koaSessionStore(
  dict: SharedDict<any>,
  options?: KoaSessionStoreOptions,
): {
  get(key: string): Promise<any>;
  /** `maxAge` is in ms. */
  set(key: string, session: any, maxAge?: number | 'session'): Promise<void>;
  destroy(key: string): Promise<void>;
};
