// A session store for express-session and @fastify/session.
import { EventEmitter } from 'node:events';
import { clearPrefix, type Dict } from './entries.js';
import { isMissing, missingPeer } from './peer.js';

/** What is known about a session here: the framework's class, which becomes JSON. */
interface Session {
  cookie?: { expires?: Date | string | null };
}
type Done<T = unknown> = (error?: unknown, result?: T) => void;

/** Stands in for the base class of express-session where only @fastify/session is installed, which needs none. */
class PlainStore extends EventEmitter {
  createSession(): never {
    throw missingPeer('express-session', 'express-session');
  }
}

const Base = baseClass();

/** Stores sessions as JSON in a dictionary. Every call answers on a later turn, and hands errors to its callback. */
export class ShmSessionStore extends Base {
  readonly #dict: Dict;
  readonly #prefix: string;
  readonly #ttl: number;

  /** `ttl` is in seconds, for sessions whose cookie has no expiry. */
  constructor(dict: Dict, { prefix = 'sess:', ttl = 86_400 }: { prefix?: string | undefined; ttl?: number | undefined } = {}) {
    super();
    this.#dict = dict;
    this.#prefix = prefix;
    this.#ttl = ttl;
  }

  get(id: string, done: Done<Session | null>): void {
    answer(done, () => {
      const text: unknown = this.#dict.get(this.#prefix + id);
      return text === undefined ? null : sessionOf(text);
    });
  }

  set(id: string, session: Session, done?: Done): void {
    answer(done, () => {
      this.#dict.set(this.#prefix + id, JSON.stringify(session), this.#expiryOf(session));
    });
  }

  /** Moves the expiry of a session, and of its cookie, if it is still there. */
  touch(id: string, session: Session, done?: Done): void {
    answer(done, () => this.#touch(this.#prefix + id, session));
  }

  destroy(id: string, done?: Done): void {
    answer(done, () => {
      this.#dict.delete(this.#prefix + id);
    });
  }

  all(done: Done<Session[]>): void {
    answer(done, () => [...this.#dict.getMany(this.#dict.keys({ prefix: this.#prefix })).values()].map(sessionOf));
  }

  ids(done: Done<string[]>): void {
    answer(done, () => Array.from(this.#dict.keys({ prefix: this.#prefix }), (key) => key.slice(this.#prefix.length)));
  }

  length(done: Done<number>): void {
    answer(done, () => [...this.#dict.keys({ prefix: this.#prefix })].length);
  }

  clear(done?: Done): void {
    answer(done, () => clearPrefix(this.#dict, this.#prefix));
  }

  #touch(key: string, session: Session): void {
    const ttl = this.#expiryOf(session);
    try {
      this.#dict.update(key, (text: unknown) => (text === undefined ? undefined : JSON.stringify({ ...sessionOf(text), cookie: session.cookie })), ttl);
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_SHM_FULL') throw error;
      this.#dict.expire(key, ttl);
    }
  }

  // An expiry that is past removes the session, as a point in time does in a dictionary.
  #expiryOf(session: Session): { expiresAt: Date } | { ttl: number } {
    const expires = session.cookie?.expires;
    return expires ? { expiresAt: new Date(expires) } : { ttl: this.#ttl };
  }
}

/** Returns the session that a text is the JSON of. Throws for what another program has stored. */
function sessionOf(text: unknown): Session {
  const session: unknown = JSON.parse(text as string);
  if (typeof session !== 'object' || session === null || Array.isArray(session)) throw new TypeError('an entry with the prefix of sessions is no session');
  return session;
}

function answer<T>(done: Done<T> | undefined, work: () => T): void {
  let error: unknown = null;
  let result: T | undefined;
  try {
    result = work();
  } catch (failure) {
    error = failure;
  }
  if (done) process.nextTick(done, error, result);
}

function baseClass(): new () => EventEmitter {
  try {
    return require('express-session').Store;
  } catch (error) {
    if (!isMissing(error, 'express-session')) throw error;
    return PlainStore;
  }
}
