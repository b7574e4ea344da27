// A driver for Bentocache.
import { boundedKey, clearPrefix, type Dict, setForMs } from './entries.js';

interface ShmDriverOptions {
  dict: Dict;
  /** First or second level: the first is synchronous. Default `'l1'`. */
  type?: 'l1' | 'l2' | undefined;
  prefix?: string | undefined;
}

/** Stores texts in a dictionary, under a prefix. */
class ShmDriver {
  readonly type = 'l1';
  readonly #dict: Dict;
  readonly #prefix: string;

  constructor(dict: Dict, prefix: string) {
    this.#dict = dict;
    this.#prefix = prefix;
  }

  namespace(name: string): ShmDriver {
    return new ShmDriver(...this.inNamespace(name));
  }

  protected inNamespace(name: string): [Dict, string] {
    return [this.#dict, `${this.#prefix}${name}:`];
  }

  get(key: string): string | undefined {
    return this.#dict.get(this.#keyOf(key));
  }

  pull(key: string): string | undefined {
    return this.#dict.take(this.#keyOf(key));
  }

  /** Bentocache takes a `ttl` of 0 for none. */
  set(key: string, value: string, ttl?: number): boolean {
    setForMs(this.#dict, this.#keyOf(key), value, ttl || undefined);
    return true;
  }

  delete(key: string): boolean {
    return this.#dict.delete(this.#keyOf(key));
  }

  deleteMany(keys: string[]): boolean {
    return keys.length === 0 || this.#dict.deleteMany(keys.map((key) => this.#keyOf(key))) > 0;
  }

  clear(): void {
    clearPrefix(this.#dict, this.#prefix);
  }

  /** Returns the ms left; undefined for a key that is missing or never expires. */
  getRemainingTtl(key: string): number | undefined {
    const ttl = this.#dict.ttl(this.#keyOf(key));
    return ttl ? ttl * 1000 : undefined;
  }

  /** Leaves the dictionary open: it is the caller's. */
  disconnect(): void {}

  #keyOf(key: string): string {
    return boundedKey(this.#prefix, key);
  }
}

/**
 * The same as a first level, whose errors Bentocache hands to the application. A cache in memory has none, so a dictionary
 * that cannot be read is a miss, and a value that cannot be stored is not cached; nor is the one before it.
 */
class LocalShmDriver extends ShmDriver {
  override namespace(name: string): ShmDriver {
    return new LocalShmDriver(...this.inNamespace(name));
  }

  override get(key: string): string | undefined {
    return attempt(() => super.get(key));
  }

  override pull(key: string): string | undefined {
    return attempt(() => super.pull(key));
  }

  override set(key: string, value: string, ttl?: number): boolean {
    if (attempt(() => super.set(key, value, ttl))) return true;
    attempt(() => super.delete(key));
    return false;
  }

  override getRemainingTtl(key: string): number | undefined {
    return attempt(() => super.getRemainingTtl(key));
  }
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

/** The same as a second level, which has to answer with promises. Bentocache has an option for its errors. */
class AsyncShmDriver {
  readonly type = 'l2';
  readonly #driver: ShmDriver;

  constructor(driver: ShmDriver) {
    this.#driver = driver;
  }

  namespace(name: string): AsyncShmDriver {
    return new AsyncShmDriver(this.#driver.namespace(name));
  }

  async get(key: string): Promise<string | undefined> {
    return this.#driver.get(key);
  }

  async pull(key: string): Promise<string | undefined> {
    return this.#driver.pull(key);
  }

  async set(key: string, value: string, ttl?: number): Promise<boolean> {
    return this.#driver.set(key, value, ttl);
  }

  async delete(key: string): Promise<boolean> {
    return this.#driver.delete(key);
  }

  async deleteMany(keys: string[]): Promise<boolean> {
    return this.#driver.deleteMany(keys);
  }

  async clear(): Promise<void> {
    this.#driver.clear();
  }

  async disconnect(): Promise<void> {}
}

/** Returns what `useL1Layer`, or `useL2Layer` with `type: 'l2'`, takes. */
export function shmDriver(options: ShmDriverOptions) {
  return {
    options,
    factory(config: { prefix?: string | undefined } = {}) {
      const prefix = config.prefix ?? options.prefix;
      const start = prefix ? `${prefix}:` : '';
      return options.type === 'l2' ? new AsyncShmDriver(new ShmDriver(options.dict, start)) : new LocalShmDriver(options.dict, start);
    },
  };
}
