// A store for express-rate-limit, express-slow-down and hono-rate-limiter.
import { boundedKey, clearPrefix, type Dict } from './entries.js';

interface ClientInfo {
  totalHits: number;
  resetTime: Date | undefined;
}

/** Counts hits in a dictionary. Two limiters need two stores with different prefixes, which may share the dictionary. */
export class ShmRateLimitStore {
  /** Other processes see the same keys. */
  readonly localKeys = false;
  readonly prefix: string;
  readonly #dict: Dict;
  #windowSeconds = 60;

  constructor(dict: Dict, { prefix = 'rate-limit:' }: { prefix?: string | undefined } = {}) {
    this.#dict = dict;
    this.prefix = prefix;
  }

  init({ windowMs }: { windowMs: number }): void {
    this.#windowSeconds = windowMs / 1000;
  }

  get(key: string): ClientInfo | undefined {
    const entry = this.#dict.getEntry(this.#keyOf(key));
    return entry && infoOf(entry);
  }

  increment(key: string): ClientInfo {
    return infoOf(this.#dict.incr(this.#keyOf(key), 1, { init: 0, initTtl: this.#windowSeconds, detail: true }));
  }

  /** Neither creates a counter nor moves the end of its window. */
  decrement(key: string): void {
    this.#dict.incr(this.#keyOf(key), -1);
  }

  resetKey(key: string): void {
    this.#dict.delete(this.#keyOf(key));
  }

  resetAll(): void {
    clearPrefix(this.#dict, this.prefix);
  }

  #keyOf(key: string): string {
    return boundedKey(this.prefix, key);
  }
}

function infoOf({ value, ttl }: { value: number; ttl: number }): ClientInfo {
  return { totalHits: value, resetTime: new Date(Date.now() + ttl * 1000) };
}
