// A store for Keyv, and so for cache-manager, cacheable and Nest.
import { EventEmitter } from 'node:events';
import { clearPrefix, type Dict, setForMs } from './entries.js';

interface Item {
  key: string;
  value: unknown;
  ttl?: number;
}

/**
 * Stores the entries of a Keyv in a dictionary. Two Keyvs need two stores, which may share the dictionary.
 *
 * Every method is `async` and there is no `namespace` before Keyv sets one: that is how Keyv 6 recognizes a store that
 * gets whole keys and relative times.
 */
export class KeyvShmStore extends EventEmitter {
  declare namespace?: string;
  /** Keyv iterates only over the dialects that it knows. */
  readonly opts: { url: string; dialect: string } = { url: 'shm', dialect: 'redis' };
  readonly #dict: Dict;

  constructor(dict: Dict) {
    super();
    this.#dict = dict;
  }

  async get(key: string): Promise<unknown> {
    return this.#dict.get(key);
  }

  async getMany(keys: string[]): Promise<unknown[]> {
    const found = this.#dict.getMany(keys);
    return keys.map((key) => found.get(key));
  }

  async set(key: string, value: unknown, ttl?: number): Promise<boolean> {
    setForMs(this.#dict, key, value, ttl);
    return true;
  }

  async setMany(items: Item[]): Promise<boolean[]> {
    return items.map((item) => this.#isStored(item));
  }

  async delete(key: string): Promise<boolean> {
    return this.#dict.delete(key);
  }

  async deleteMany(keys: string[]): Promise<boolean> {
    return this.#dict.deleteMany(keys) > 0;
  }

  async has(key: string): Promise<boolean> {
    return this.#dict.has(key);
  }

  async hasMany(keys: string[]): Promise<boolean[]> {
    return keys.map((key) => this.#dict.has(key));
  }

  async clear(): Promise<void> {
    clearPrefix(this.#dict, this.namespace ? `${this.namespace}:` : '');
  }

  async *iterator(namespace?: string): AsyncGenerator<[string, unknown]> {
    for (const key of this.#dict.keys({ prefix: namespace ? `${namespace}:` : '' })) {
      // Unlike `get`, leaves out what another program stored in a form that this handle cannot read.
      const value = this.#dict.getMany([key]).get(key);
      if (value !== undefined) yield [key, value];
    }
  }

  /** Leaves the dictionary open: it is the caller's. */
  async disconnect(): Promise<void> {}

  // One item that does not fit must not hide what became of the others.
  #isStored({ key, value, ttl }: Item): boolean {
    try {
      setForMs(this.#dict, key, value, ttl);
      return true;
    } catch (error) {
      if (this.listenerCount('error') === 0) throw error;
      this.emit('error', error);
      return false;
    }
  }
}

export default KeyvShmStore;
