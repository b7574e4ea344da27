import type { Entry, ExpiryOptions, GetOrSetOptions, IncrDetail, IncrOptions, ListItem, SetOptions, Size, StaleValue, TtlOptions, ValueType } from '../../dist/types.js';
import type { Stats } from '../../dist/dict/stats-types.js';
import type { ThrottleOptions, ThrottleResult } from '../../dist/dict/throttle-types.js';

/** Options of `RemoteDict`. One of `url`, `cluster`, `sentinel` and `client` says where the server is. */
export interface RemoteOptions {
  /** The address of one server: `redis://`, `rediss://` for TLS, `unix://`. */
  url?: string | undefined;
  /** The addresses of some nodes of a cluster. All have `rediss://` or none; their user and password hold for every node. */
  cluster?: string[] | undefined;
  /**
   * A server that Sentinels watch: the name that they have for it, and their addresses. All have `rediss://` or none; their user
   * and password are those of the Sentinels. List all of them: which server is the master is decided by more than half.
   */
  sentinel?: { name: string; urls: string[] } | undefined;
  /** A client that the application has: of redis (also a cluster or Sentinels), ioredis or iovalkey. It is never closed. */
  client?: unknown;
  /** Options of node-redis for `url`, `cluster` and `sentinel`, and for the connections that track changes: `username`, `password`, `socket`, `database`. */
  clientOptions?: Record<string, unknown> | undefined;
  /**
   * The nodes that a cluster or Sentinels may name, so that no other address gets the password: hosts, `host:port`, `*.domain`,
   * and networks like `10.0.0.0/8`. Another node rejects with `ERR_SHM_UNTRUSTED`. Default: any.
   */
  allowNodes?: string[] | undefined;
  /** What the server's keys start with; a colon is added unless it ends in one. Default `'shmkit:'`. */
  prefix?: string | undefined;
  /** Seconds to wait for an answer. Default 5. */
  timeout?: number | undefined;
  /** How objects are stored: in a binary form that loses nothing (default), or as JSON text. */
  codec?: 'binary' | 'json' | undefined;
  /** The largest stored value that is read, in bytes; for `lrange`, of all its items. Default 64 MiB. */
  maxValueSize?: number | undefined;
  /**
   * Replicas that must have a write before its call resolves (`WAIT`); otherwise it rejects with `ERR_SHM_REMOTE`, and the write
   * stays. Default 0: a failover may lose writes that were acknowledged.
   */
  replicas?: number | undefined;
  /**
   * 32 bytes with which values are encrypted and authenticated, each for its own key, so that neither the server nor its other
   * users can read or forge them; of several keys the first one seals, and all open. Other values reject with
   * `ERR_SHM_UNTRUSTED`. Keys and times are not hidden, and old values of a key can be put back. `incr` takes several round
   * trips when others change the key, and `throttle` rejects with `ERR_SHM_UNSUPPORTED`.
   */
  sealingKey?: Uint8Array | Uint8Array[] | undefined;
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
 * A dictionary on a Valkey server (tested with version 9.1): the calls of `SharedDict`, returning promises. It connects at the
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
  /**
   * Returns what changes after `ready` has resolved. Uses a connection of its own, and needs the package `redis`.
   *
   * `ready` rejects if that connection cannot be made (`ERR_SHM_REMOTE`), or if the signal aborts or the dictionary is closed
   * before.
   */
  watch(options?: { prefix?: string | undefined; signal?: AbortSignal | undefined }): AsyncGenerator<RemoteChange, undefined, undefined> & { readonly ready: Promise<void> };
  stats(): Promise<RemoteStats>;
  /** Closes the connection, unless it is the application's. Idempotent. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Options of `TieredDict.open`. The processes of a host pass the same `remote` prefix, `maxSize` and `dir`. */
export interface TieredOptions {
  /** The dictionary on the server. It is not closed with the tier. */
  remote: RemoteDict;
  /** Bytes that the tier in shared memory may take; it evicts when it has taken them. Default 64 MiB. */
  maxSize?: Size | undefined;
  /** The directory of the tier. The processes that share it are a host. */
  dir?: string | undefined;
  /** Seconds that a beat of the host's agent is trusted: no read is staler. Above 0; default 1. */
  trust?: number | undefined;
  /** Seconds since the last beat within which entries are served, if that is longer. Default 0. */
  maxStale?: number | undefined;
  /** Seconds that an entry stays in the tier at most. Default: until it expires or changes on the server. */
  maxTtl?: number | undefined;
  /** Seconds that the tier remembers that the server lacks a key. Default 0. */
  negativeTtl?: number | undefined;
  /** When the server cannot be used, let reads return what the tier has, however old, or `undefined`. Default `false`. */
  failOpen?: boolean | undefined;
}

/** Figures of both tiers. */
export interface TieredStats {
  l1: Stats;
  /** `null` if the server cannot be asked. */
  l2: RemoteStats | null;
  /** The process whose thread tracks changes, the seconds since its beat, and what its last attempt to track failed with. */
  agent: { pid: number; beatAge: number; failure?: string } | null;
  /** Reads that the server answered, of all processes of the host. */
  fetches: number;
  /** Changes that the server reported to the host. */
  invalidations: number;
  /** Whether the beat is older than `trust`, so that reads ask the server. */
  suspect: boolean;
}

/**
 * A dictionary on a server with a tier before it in the shared memory of each host: a key is fetched once a host, and read
 * from shared memory from then on, until any machine changes it. A host reads its own writes; no read is staler than `trust`.
 *
 * ```js
 * const remote = new RemoteDict({ url: 'redis://10.0.0.1', prefix: 'app:' });
 * const dict = await TieredDict.open('app', { remote, maxSize: '256mb' });
 * ```
 *
 * Calls are those of `RemoteDict`. `get`, `peek`, `has`, `getMany` and `getOrSet` are answered from shared memory where
 * possible, all others by the server. Needs the package `redis`.
 */
export class TieredDict<V = any> {
  private constructor();
  /** Opens or creates the tier, and waits until changes are tracked, or a second and a half. */
  static open<V = any>(name: string, options: TieredOptions): Promise<TieredDict<V>>;
  /** Removes the tier from shared memory; nothing on the server. Returns whether there was one. */
  static unlink(name: string, options?: { dir?: string | undefined }): boolean;
  readonly closed: boolean;
  get(key: string): Promise<V | undefined>;
  /** Returns the value if the tier has it and it may be served, without asking the server. */
  peek(key: string): V | undefined;
  has(key: string): Promise<boolean>;
  getMany(keys: Iterable<string>): Promise<Map<string, V>>;
  getOrSet: RemoteDict<V>['getOrSet'];
  set: RemoteDict<V>['set'];
  add: RemoteDict<V>['add'];
  replace: RemoteDict<V>['replace'];
  swap: RemoteDict<V>['swap'];
  setMany: RemoteDict<V>['setMany'];
  delete: RemoteDict<V>['delete'];
  del: RemoteDict<V>['del'];
  deleteMany: RemoteDict<V>['deleteMany'];
  deletePrefix: RemoteDict<V>['deletePrefix'];
  take: RemoteDict<V>['take'];
  incr: RemoteDict<V>['incr'];
  update: RemoteDict<V>['update'];
  throttle: RemoteDict<V>['throttle'];
  expire: RemoteDict<V>['expire'];
  persist: RemoteDict<V>['persist'];
  getAndExpire: RemoteDict<V>['getAndExpire'];
  lpush: RemoteDict<V>['lpush'];
  rpush: RemoteDict<V>['rpush'];
  lpop: RemoteDict<V>['lpop'];
  rpop: RemoteDict<V>['rpop'];
  getEntry: RemoteDict<V>['getEntry'];
  getStale: RemoteDict<V>['getStale'];
  getInto: RemoteDict<V>['getInto'];
  ttl: RemoteDict<V>['ttl'];
  type: RemoteDict<V>['type'];
  sizeOf: RemoteDict<V>['sizeOf'];
  llen: RemoteDict<V>['llen'];
  lrange: RemoteDict<V>['lrange'];
  keys: RemoteDict<V>['keys'];
  entries: RemoteDict<V>['entries'];
  [Symbol.asyncIterator]: RemoteDict<V>['entries'];
  getKeys: RemoteDict<V>['getKeys'];
  watch: RemoteDict<V>['watch'];
  clear(): Promise<void>;
  stats(): Promise<TieredStats>;
  /** Closes the tier; if the host's agent runs here, another process takes over. Idempotent. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
