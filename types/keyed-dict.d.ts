import type {
  Entry, ExpiryOptions, GetOrSetOptions, IncrDetail, IncrOptions, ListItem, SetOptions, StaleValue, TtlOptions, ValueType,
} from '../dist/types.js';
import type { DictIterator } from '../dist/dict/iteration-types.js';
import type { WaitForOptions } from '../dist/dict/watch-types.js';
import type { SharedDict } from './shared-dict.js';

/** The keys of a schema. */
type Keys<S> = Extract<keyof S, string>;
/** The keys whose values are of type `T`. */
type KeysOf<S, T> = { [K in Keys<S>]: S[K] extends T ? K : never }[Keys<S>];
/** A pair of key and value. */
type Pair<S> = { [K in Keys<S>]: [K, S[K]] }[Keys<S>];
/** An argument of `setMany`. */
type Stored<S> = { [K in Keys<S>]: readonly [key: K, value: S[K], ttl?: number | SetOptions | undefined] }[Keys<S>];
/** An item of a list. */
type Item<L> = L extends ReadonlyArray<infer I> ? Extract<I, ListItem> : never;

/** The calls of a `SharedDict` with the type of each key's value. */
interface KeyedCalls<S> {
  get<K extends Keys<S>>(key: K): S[K] | undefined;
  getFrozen<K extends Keys<S>>(key: K): S[K] | undefined;
  has(key: Keys<S>): boolean;
  type(key: Keys<S>): ValueType | undefined;
  sizeOf(key: Keys<S>): number | undefined;
  set<K extends Keys<S>>(key: K, value: S[K], ttl?: number | SetOptions): boolean;
  add<K extends Keys<S>>(key: K, value: S[K], ttl?: number | TtlOptions): boolean;
  replace<K extends Keys<S>>(key: K, value: S[K], ttl?: number | TtlOptions): boolean;
  swap<K extends Keys<S>>(key: K, value: S[K], ttl?: number | TtlOptions): S[K] | undefined;
  delete(key: Keys<S>, options?: { ifVersion?: bigint | undefined }): boolean;
  del(key: Keys<S>, options?: { ifVersion?: bigint | undefined }): boolean;
  take<K extends Keys<S>>(key: K): S[K] | undefined;
  getInto(key: KeysOf<S, Uint8Array | string>, buffer: Uint8Array, offset?: number): number;

  incr(key: KeysOf<S, bigint>, delta: bigint | undefined, ttl: IncrOptions<bigint> & { init: bigint; detail: true }): IncrDetail<bigint>;
  incr(key: KeysOf<S, bigint>, delta: bigint, ttl: IncrOptions<bigint> & { detail: true }): IncrDetail<bigint> | undefined;
  incr(key: KeysOf<S, number>, delta: number | undefined, ttl: IncrOptions & { init: number; detail: true }): IncrDetail;
  incr(key: KeysOf<S, number>, delta: number, ttl: IncrOptions & { detail: true }): IncrDetail | undefined;
  incr(key: KeysOf<S, bigint>, delta: bigint | undefined, ttl: IncrOptions<bigint> & { init: bigint }): bigint;
  incr(key: KeysOf<S, number>, delta: number | undefined, ttl: IncrOptions & { init: number }): number;
  incr(key: KeysOf<S, bigint>, delta?: bigint, ttl?: number | IncrOptions<bigint>): bigint | undefined;
  incr(key: KeysOf<S, number>, delta?: number, ttl?: number | IncrOptions): number | undefined;

  ttl(key: Keys<S>): number | undefined;
  expire(key: Keys<S>, ttl: number | ExpiryOptions): boolean;
  persist(key: Keys<S>): boolean;
  getAndExpire<K extends Keys<S>>(key: K, ttl: number | ExpiryOptions): S[K] | undefined;
  getEntry<K extends Keys<S>>(key: K): Entry<S[K]> | undefined;
  getStale<K extends Keys<S>>(key: K): StaleValue<S[K]> | undefined;
  update<K extends Keys<S>>(key: K, fn: (value: S[K] | undefined) => S[K] | undefined, ttl?: number | TtlOptions): S[K] | undefined;
  getMany<K extends Keys<S>>(keys: Iterable<K>): Map<K, S[K]>;
  setMany(entries: Iterable<Stored<S>>, ttl?: number | Omit<SetOptions, 'ifVersion'>): number;
  deleteMany(keys: Iterable<Keys<S>>): number;
  getOrSet<K extends Keys<S>>(key: K, loader: (key: K) => S[K] | PromiseLike<S[K]>, options?: number | GetOrSetOptions): Promise<S[K]>;
  waitFor<K extends Keys<S>>(key: K, options?: WaitForOptions): Promise<Entry<S[K]> | undefined | null>;

  lpush<K extends KeysOf<S, readonly ListItem[]>>(key: K, ...items: [Item<S[K]>, ...Array<Item<S[K]>>]): number;
  rpush<K extends KeysOf<S, readonly ListItem[]>>(key: K, ...items: [Item<S[K]>, ...Array<Item<S[K]>>]): number;
  lpop<K extends KeysOf<S, readonly ListItem[]>>(key: K): Item<S[K]> | undefined;
  rpop<K extends KeysOf<S, readonly ListItem[]>>(key: K): Item<S[K]> | undefined;
  llen(key: KeysOf<S, readonly ListItem[]>): number;
  lrange<K extends KeysOf<S, readonly ListItem[]>>(key: K, start?: number, stop?: number): Array<Item<S[K]>>;

  getKeys(max?: number): Array<Keys<S>>;
  get_keys(max?: number): Array<Keys<S>>;
  keys(options?: { prefix?: string | undefined }): DictIterator<Keys<S>>;
  values(): DictIterator<S[Keys<S>]>;
  entries(): DictIterator<Pair<S>>;
  [Symbol.iterator](): DictIterator<Pair<S>>;
  [Symbol.asyncIterator](): AsyncIterableIterator<Pair<S>>;
  forEach(callback: (value: S[Keys<S>], key: Keys<S>, dict: KeyedDict<S>) => void, thisArg?: unknown): void;
}

/**
 * A `SharedDict` whose keys have values of their own types. `S` is an object type: each of its keys is a key of the
 * dictionary. A list is an array of its items. The types are not checked at run time.
 *
 * ```ts
 * interface Settings { flags: string[]; limit: number; [user: `user:${string}`]: User }
 * const settings = SharedDict.openOrCreate('settings', '1mb') as KeyedDict<Settings>;
 * settings.set('limit', 5);
 * settings.get('user:ann'); // User | undefined
 * ```
 *
 * @typeParam S The types of the values, by key.
 */
export type KeyedDict<S> = Omit<SharedDict<S[Keys<S>]>, keyof KeyedCalls<S>> & KeyedCalls<S>;
