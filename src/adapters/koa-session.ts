// A session store for koa-session.
import { type Dict, setForMs } from './entries.js';

interface KoaStore {
  get(key: string): Promise<unknown>;
  set(key: string, session: unknown, maxAge?: number | 'session'): Promise<void>;
  destroy(key: string): Promise<void>;
}

/** Returns a `store` for koa-session. `ttl` is in seconds, for sessions that end with the browser. */
export function koaSessionStore(dict: Dict, { prefix = 'koa:', ttl = 86_400 }: { prefix?: string | undefined; ttl?: number | undefined } = {}): KoaStore {
  return {
    get: async (key) => sessionOf(dict.get(prefix + key)),
    set: async (key, session, maxAge) => {
      if (typeof maxAge === 'number') setForMs(dict, prefix + key, session, maxAge);
      else dict.set(prefix + key, session, ttl);
    },
    destroy: async (key) => {
      dict.delete(prefix + key);
    },
  };
}

/** Throws for what another program has stored: koa-session would take any value for a session. */
function sessionOf(value: unknown): unknown {
  if (value !== undefined && (typeof value !== 'object' || value === null)) throw new TypeError('an entry with the prefix of sessions is no session');
  return value;
}
