import type { Entry, ExpiryOptions, GetOrSetOptions, IncrDetail, IncrOptions, ListItem, SetOptions, StaleValue, TtlOptions, ValueType } from '../../dist/types.js';
import type { ThrottleOptions, ThrottleResult } from '../../dist/dict/throttle-types.js';

/** Options of `RemoteDict`. One of `url`, `cluster` and `client` says where the server is. */
export interface RemoteOptions {
  /** The address of one server: `redis://`, `rediss://` for TLS, `unix://`. */
  url?: string | undefined;
  /** The addresses of some nodes of a cluster. */
  cluster?: string[] | undefined;
  /** A client that the application has: of redis (also a cluster), ioredis or iovalkey. It is never closed. */
  client?: unknown;
  /** Options of node-redis for `url` and `cluster`, and for the connections that track changes: `username`, `password`, `socket`, `database`. */
  clientOptions?: Record<string, unknown> | undefined;
  /** What the server's keys start with; a colon is added unless it ends in one. Default `'shmkit:'`. */
  prefix?: string | undefined;
  /** Seconds to wait for an answer. Default 5. */
  timeout?: number | undefined;
  /** How objects are stored: in a binary form that loses nothing (default), or as JSON text. */
  codec?: 'binary' | 'json' | undefined;
  /** The largest stored value that is read, in bytes. Default 64 MiB. */
  maxValueSize?: number | undefined;
}

/** What a server told of a key: only that it changed, so that several changes may be told as one. */
export interface RemoteChange {
  /** `'overflow'`: changes may have been missed, while the connection was lost. */
  type: 'set' | 'delete' | 'clear' | 'overflow';
  key?: string;
}

/** Sums of all masters, for all that is on them. */
export interface RemoteStats {
  masters: number;
  usedMemory: number;
  keys: number;
  hits: number;
  misses: number;
  evicted: number;
  expired: number;
}

/**
 * A dictionary on a Valkey or Redis server (7 or newer): the calls of `SharedDict`, returning promises. It connects at the
 * first call. [Outgrowing one machine](https://github.com/shmkit/shmkit/blob/main/docs/guide/valkey.md) says how each call differs.
 *
 * ```js
 * const dict = new RemoteDict({ url: 'redis://127.0.0.1:6379', prefix: 'app:' });
 * ```
 *
 * Rejects with `ERR_SHM_REMOTE` when the server cannot be used, with the client's error as `cause`; a write may have taken
 * effect all the same. Needs the package `redis`, unless `client` is given.
 */
export class RemoteDict<V = any> {
  constructor(options: RemoteOptions);
  readonly prefix: string;
  readonly closed: boolean;
  get(key: string): Promise<V | undefined>;
  has(key: string): Promise<boolean>;
  getEntry(key: string): Promise<Entry<V> | undefined>;
  getStale(key: string): Promise<StaleValue<V> | undefined>;
  getInto(key: string, buffer: Uint8Array, offset?: number): Promise<number>;
  getMany(keys: Iterable<string>): Promise<Map<string, V>>;
  type(key: string): Promise<ValueType | undefined>;
  /** Returns the bytes that the key takes on the server. */
  sizeOf(key: string): Promise<number | undefined>;
  set(key: string, value: V, ttl?: number | SetOptions): Promise<boolean>;
  add(key: string, value: V, ttl?: number | TtlOptions): Promise<boolean>;
  replace(key: string, value: V, ttl?: number | TtlOptions): Promise<boolean>;
  swap(key: string, value: V, ttl?: number | TtlOptions): Promise<V | undefined>;
  setMany(entries: Iterable<readonly [key: string, value: V, ttl?: number | SetOptions | undefined]>, ttl?: number | Omit<SetOptions, 'ifVersion'>): Promise<number>;
  delete(key: string, options?: { ifVersion?: bigint | undefined }): Promise<boolean>;
  /** Alias of `delete`. */
  del(key: string, options?: { ifVersion?: bigint | undefined }): Promise<boolean>;
  deleteMany(keys: Iterable<string>): Promise<number>;
  deletePrefix(prefix: string): Promise<number>;
  take(key: string): Promise<V | undefined>;
  incr(key: string, delta: number | bigint | undefined, ttl: IncrOptions<number | bigint> & { detail: true }): Promise<IncrDetail<number | bigint> | undefined>;
  incr(key: string, delta: bigint, ttl?: number | IncrOptions<bigint>): Promise<bigint | undefined>;
  incr(key: string, delta?: number, ttl?: number | IncrOptions): Promise<number | undefined>;
  update(key: string, fn: (value: V | undefined) => V | undefined, ttl?: number | TtlOptions): Promise<V | undefined>;
  throttle(key: string, options: ThrottleOptions): Promise<ThrottleResult>;
  ttl(key: string): Promise<number | undefined>;
  expire(key: string, ttl: number | ExpiryOptions): Promise<boolean>;
  persist(key: string): Promise<boolean>;
  getAndExpire(key: string, ttl: number | ExpiryOptions): Promise<V | undefined>;
  lpush(key: string, ...items: [ListItem, ...ListItem[]]): Promise<number>;
  rpush(key: string, ...items: [ListItem, ...ListItem[]]): Promise<number>;
  lpop(key: string): Promise<string | number | Buffer | undefined>;
  rpop(key: string): Promise<string | number | Buffer | undefined>;
  llen(key: string): Promise<number>;
  lrange(key: string, start?: number, stop?: number): Promise<Array<string | number | Buffer>>;
  /** One loader runs at a time per key across all machines, under a lease of 10 seconds that its holder renews. */
  getOrSet(key: string, loader: (key: string) => V | PromiseLike<V>, options?: number | GetOrSetOptions): Promise<V>;
  /** Removes what is under the prefix, key by key. */
  clear(): Promise<void>;
  keys(options?: { prefix?: string | undefined }): AsyncGenerator<string, undefined, undefined>;
  entries(options?: { prefix?: string | undefined }): AsyncGenerator<[string, V], undefined, undefined>;
  [Symbol.asyncIterator](): AsyncGenerator<[string, V], undefined, undefined>;
  getKeys(max?: number): Promise<string[]>;
  /** Returns what changes after `ready` has resolved. Uses a connection of its own, and needs the package `redis`. */
  watch(options?: { prefix?: string | undefined; signal?: AbortSignal | undefined }): AsyncGenerator<RemoteChange, undefined, undefined> & { readonly ready: Promise<void> };
  stats(): Promise<RemoteStats>;
  /** Closes the connection, unless it is the application's. Idempotent. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
