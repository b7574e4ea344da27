// A cache for Apollo Server: `KeyValueCache`.
import { boundedKey, type Dict, setForMs } from './entries.js';

/** Stores texts in a dictionary. `ttl` is in seconds, for entries without one. */
export class ShmKeyValueCache {
  readonly #dict: Dict;
  readonly #prefix: string;
  readonly #ttl: number;

  constructor(dict: Dict, { prefix = '', ttl = 300 }: { prefix?: string | undefined; ttl?: number | undefined } = {}) {
    this.#dict = dict;
    this.#prefix = prefix;
    this.#ttl = ttl;
  }

  async get(key: string): Promise<string | undefined> {
    return this.#dict.get(boundedKey(this.#prefix, key));
  }

  /** With a `ttl` of null the entry never expires. */
  async set(key: string, value: string, { ttl = this.#ttl }: { ttl?: number | null } = {}): Promise<void> {
    setForMs(this.#dict, boundedKey(this.#prefix, key), value, ttl === null ? null : ttl * 1000);
  }

  async delete(key: string): Promise<boolean> {
    return this.#dict.delete(boundedKey(this.#prefix, key));
  }
}
