import type { EventEmitter } from 'node:events';
import type { SharedDict } from '../shared-dict.js';

export interface ShmSessionStoreOptions {
  /** Precedes the session ids in the dictionary. Default `sess:`. */
  prefix?: string | undefined;
  /** Seconds to live of a session whose cookie has no expiry. Default 86400. */
  ttl?: number | undefined;
}

/**
 * A session store for express-session and @fastify/session. With express-session installed it is a `session.Store`.
 *
 * ```js
 * app.use(session({ secret, store: new ShmSessionStore(dict), resave: false, saveUninitialized: false }));
 * ```
 *
 * Errors go to the callbacks.
 */
export class ShmSessionStore extends EventEmitter {
  constructor(dict: SharedDict<any>, options?: ShmSessionStoreOptions);
  get(id: string, callback: (error: any, session?: any) => void): void;
  set(id: string, session: any, callback?: (error?: any) => void): void;
  /** Moves the expiry of a session, if it is still there. */
  touch(id: string, session: any, callback?: (error?: any) => void): void;
  destroy(id: string, callback?: (error?: any) => void): void;
  all(callback: (error: any, sessions?: any) => void): void;
  ids(callback: (error: any, ids?: string[]) => void): void;
  length(callback: (error: any, length?: number) => void): void;
  clear(callback?: (error?: any) => void): void;
  /** From the base class of express-session. */
  regenerate(request: any, callback: (error?: any) => any): void;
  /** From the base class of express-session. */
  load(id: string, callback: (error: any, session?: any) => any): void;
  /** From the base class of express-session. */
  createSession(request: any, session: any): any;
}
