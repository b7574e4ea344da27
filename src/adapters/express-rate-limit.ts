// A store for express-rate-limit, express-slow-down and hono-rate-limiter.
import { boundedKey, clearPrefix, type CountOptions, countOptions, type Dict } from './entries.js';

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
  #options: CountOptions = countOptions(60_000);

  constructor(dict: Dict, { prefix = 'rate-limit:' }: { prefix?: string | undefined } = {}) {
    this.#dict = dict;
    this.prefix = prefix;
  }

  init({ windowMs }: { windowMs: number }): void {
    this.#options = countOptions(windowMs);
  }

  get(key: string): ClientInfo | undefined {
    const entry = this.#dict.getEntry(boundedKey(this.prefix, key));
    return entry && infoOf(entry);
  }

  increment(key: string): ClientInfo {
    return infoOf(this.#dict.incr(boundedKey(this.prefix, key), 1, this.#options));
  }

  /** Neither creates a counter nor moves the end of its window. */
  decrement(key: string): void {
    this.#dict.incr(boundedKey(this.prefix, key), -1);
  }

  resetKey(key: string): void {
    this.#dict.delete(boundedKey(this.prefix, key));
  }

  resetAll(): void {
    clearPrefix(this.#dict, this.prefix);
  }
}

function infoOf({ value, ttl }: { value: number; ttl: number }): ClientInfo {
  return { totalHits: value, resetTime: new Date(Date.now() + ttl * 1000) };
}
