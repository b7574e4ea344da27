import type { EventEmitter } from 'node:events';
import type { SharedDict } from '../shared-dict.js';

/**
 * A store for Keyv 5 and 6, and so for cache-manager, cacheable and Nest.
 *
 * ```js
 * const keyv = new Keyv({ store: new KeyvShmStore(dict), namespace: 'users' });
 * ```
 *
 * Give each Keyv a store of its own; stores may share a dictionary. A full dictionary makes Keyv emit `error` and return
 * `false`.
 */
declare class KeyvShmStore extends EventEmitter {
  constructor(dict: SharedDict<any>);
  /** Set by Keyv. */
  namespace?: string;
  /** What Keyv looks at before it iterates. */
  readonly opts: { url: string; dialect: string };
  get(key: string): Promise<any>;
  getMany(keys: string[]): Promise<any[]>;
  /** `ttl` is in ms. */
  set(key: string, value: unknown, ttl?: number): Promise<boolean>;
  /** Returns for each entry whether it was stored. */
  setMany(entries: Array<{ key: string; value: unknown; ttl?: number }>): Promise<boolean[]>;
  delete(key: string): Promise<boolean>;
  deleteMany(keys: string[]): Promise<boolean>;
  has(key: string): Promise<boolean>;
  hasMany(keys: string[]): Promise<boolean[]>;
  /** Removes the entries of the namespace, or all entries if there is none. */
  clear(): Promise<void>;
  iterator(namespace?: string): AsyncGenerator<[string, any], void>;
  /** Leaves the dictionary open. */
  disconnect(): Promise<void>;
}

declare namespace KeyvShmStore {
  export { KeyvShmStore as default, Store as KeyvShmStore };
}
import Store = KeyvShmStore;
export = KeyvShmStore;
