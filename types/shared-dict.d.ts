import type {
  CreateOptions, DirectoryOptions, Entry, ExpiryOptions, GetOrSetOptions, IncrDetail, IncrOptions, ListItem, OpenOptions,
  SegmentOptions, SetOptions, Size, StaleValue, TtlOptions, ValueType, Verification,
} from '../dist/types.js';
import type { ListedDict, Stats } from '../dist/dict/stats-types.js';
import type { ThrottleOptions, ThrottleResult } from '../dist/dict/throttle-types.js';
import type { DictChanges } from './dict-changes.js';
import { DictIteration } from './dict-iteration.js';
import type { MismatchOptions, PruneOptions } from './named-object.js';

/**
 * A dictionary that every process and worker thread on the machine can open. Single-key calls and `clear` are atomic
 * and linearizable; reads take no lock (except of values over 1 MiB, and of long lists, that change during every attempt).
 *
 * Keys are non-empty strings of at most 65,535 stored bytes: one byte per code unit if all are at most 0xFF, otherwise
 * two. Values are strings, numbers, booleans, 64-bit bigints, `null`, bytes, and everything that the structured clone
 * algorithm accepts, up to 4 GiB.
 *
 * @typeParam V The type of the values. It is not checked at run time.
 */
export class SharedDict<V = unknown> extends DictIteration<V> {
  private constructor();

  /**
   * Creates a dictionary of the given size, or with the given options. The returned handle is its owner: when the
   * handle is closed or collected, or its process or worker ends, the name is removed. Other handles keep working. If a
   * signal ends the process, SIGTERM included, the name stays as a leftover until the next `create` of the name, or
   * `prune`; a handler that calls `process.exit` removes it.
   *
   * Throws `ERR_SHM_EXISTS`, `ERR_SHM_NO_SPACE`, `ERR_SHM_INVALID_NAME`, `ERR_SHM_ACCESS`.
   */
  static create<V = unknown>(name: string, options: CreateOptions | Size): SharedDict<V>;
  /**
   * Opens an existing dictionary. Closing the handle never removes the name.
   *
   * Throws `ERR_SHM_NOT_FOUND`, `ERR_SHM_LAYOUT`, `ERR_SHM_UNTRUSTED`, `ERR_SHM_ACCESS`,
   * `ERR_SHM_TOO_MANY_PROCESSES`, `ERR_SHM_INVALID_NAME`.
   */
  static open<V = unknown>(name: string, options?: OpenOptions): SharedDict<V>;
  /**
   * Opens a dictionary, or creates it if the name is free, atomically. Then it has no owner, and neither has one whose owner
   * was killed: it lives until `unlink` or the next reboot, whether a process has it open or not.
   *
   * Throws `ERR_SHM_OPTIONS_MISMATCH` if it exists and was created with different options, and everything that
   * `create` and `open` throw.
   */
  static openOrCreate<V = unknown>(name: string, options?: (SegmentOptions & MismatchOptions) | Size): SharedDict<V>;
  /** Removes a name and returns whether it existed. Handles that have the dictionary open keep working. */
  static unlink(name: string, options?: DirectoryOptions): boolean;
  /** Removes stale dictionaries (owner gone, not `persist`, no live process attached) and returns their names. */
  static prune(options?: PruneOptions): string[];
  /** Returns all dictionaries in the directory. */
  static list(options?: DirectoryOptions): ListedDict[];

  /** The number of live entries; not a snapshot. O(shards), or O(entries) if some have expired. */
  readonly size: number;

  /**
   * Returns the value, or `undefined` if the key is missing or expired. O(size of the value).
   *
   * Throws `ERR_SHM_WRONG_TYPE` if the value is a list, and `ERR_SHM_UNSUPPORTED` if this handle lacks the codec that
   * wrote the value, or an earlier version of Node.js cannot read it.
   */
  get(key: string): V | undefined;
  /**
   * Like `get`, but an object comes deeply frozen, and the same object (`===`) as long as the local cache keeps it and the
   * entry was neither written, expired nor moved. A repeated call takes about as long as a `Map.get`. An object with
   * something that is not plain in it (`Map`, `Date`, bytes) comes fresh and unfrozen. `localCache: false`: fresh and frozen.
   */
  getFrozen(key: string): V | undefined;
  /** Returns whether the key exists and has not expired. O(1). */
  has(key: string): boolean;
  /**
   * Returns the type of the value without reading it, or `undefined` if the key is missing or expired. Everything that a
   * codec wrote is an `'object'`. O(1).
   */
  type(key: string): ValueType | undefined;
  /**
   * Returns the bytes of the dictionary's memory that the entry takes, or `undefined` if the key is missing or expired.
   * O(size of the value), O(items) of a list.
   */
  sizeOf(key: string): number | undefined;
  /**
   * Stores a value, with its seconds to live or with options, and returns `true`, or `false` if a condition in the
   * options was not met. O(size of the value).
   *
   * Throws `ERR_SHM_FULL` and `ERR_SHM_TOO_LARGE`, and then keeps the previous value. A value that needs no larger block
   * than the previous one is stored even when the dictionary is full.
   */
  set(key: string, value: V, ttl?: number | SetOptions): boolean;
  /** Like `set`, but only if the key is missing or expired. Returns whether the value was stored. */
  add(key: string, value: V, ttl?: number | TtlOptions): boolean;
  /** Like `set`, but only if the key exists. Returns whether the value was stored. */
  replace(key: string, value: V, ttl?: number | TtlOptions): boolean;
  /**
   * Stores a value and returns the previous one, or `undefined` if there was none, atomically.
   *
   * Throws what `get` and `set` throw, and then has changed nothing.
   */
  swap(key: string, value: V, ttl?: number | TtlOptions): V | undefined;
  /** Removes the key and returns whether it existed and, if `ifVersion` is given, had that version. O(1). */
  delete(key: string, options?: { ifVersion?: bigint | undefined }): boolean;
  /** Alias of `delete`. */
  del(key: string, options?: { ifVersion?: bigint | undefined }): boolean;
  /**
   * Removes the key and returns its value, or `undefined` if the key was missing or expired, atomically.
   *
   * Throws what `get` throws, and then has removed nothing.
   */
  take(key: string): V | undefined;
  /**
   * Copies a binary value, or a string as UTF-8, into `buffer` at `offset` (default 0) and returns the number of bytes
   * copied, or -1 if the key is missing.
   *
   * Throws `ERR_OUT_OF_RANGE` if the value does not fit and `ERR_SHM_WRONG_TYPE` for other types of values, and then
   * has copied nothing.
   */
  getInto(key: string, buffer: Uint8Array, offset?: number): number;

  /**
   * Adds `delta` and returns the new value, or `undefined` if the key is missing and no `init` is given. O(1).
   *
   * The default `delta` is 1, or `1n` if a bigint is stored; pass it to fix the type of the result. A number as the
   * third argument is a TTL in seconds, which replaces the current one. With `detail: true`, returns the new value with its
   * `ttl` and `version`, all as of one instant.
   *
   * Throws `ERR_SHM_WRONG_TYPE` if the value is neither a number nor a bigint, or if the two are mixed, and
   * `ERR_SHM_OVERFLOW` if the result is not a finite double or does not fit into an int64. Neither changes the value.
   */
  incr(key: string, delta: bigint | undefined, ttl: IncrOptions<bigint> & { init: bigint; detail: true }): IncrDetail<bigint>;
  incr(key: string, delta: bigint, ttl: IncrOptions<bigint> & { detail: true }): IncrDetail<bigint> | undefined;
  incr(key: string, delta: number | undefined, ttl: IncrOptions & { init: number; detail: true }): IncrDetail;
  incr(key: string, delta: number, ttl: IncrOptions & { detail: true }): IncrDetail | undefined;
  incr(key: string, delta: bigint | undefined, ttl: IncrOptions<bigint> & { init: bigint }): bigint;
  incr(key: string, delta: bigint, ttl?: number | IncrOptions<bigint>): bigint | undefined;
  incr(key: string, delta: number | undefined, ttl: IncrOptions & { init: number }): number;
  incr(key: string, delta: number, ttl?: number | IncrOptions): number | undefined;
  incr(key: string, delta?: number, ttl?: number | IncrOptions): number | bigint | undefined;

  /**
   * Takes `cost` from the key's rate limiter if that much is available, and returns the decision, all in one atomic step
   * across all processes. O(1).
   *
   * In any `t` seconds, at most `burst + limit * t / window` are allowed (GCRA, also known as leaky bucket): after a pause
   * up to twice `limit` in one window by default, evenly spaced calls with `burst: 1`. A refused call takes nothing. The
   * limiter is an entry that expires when the whole burst is available again, and so does one that is evicted.
   *
   * Throws `ERR_OUT_OF_RANGE` for a `cost` above `burst`, for limits above 1,000,000 a second and windows above a year,
   * `ERR_SHM_WRONG_TYPE` if the key holds something else, `ERR_SHM_OVERFLOW` if `burst` takes centuries to refill, and
   * what `set` throws.
   */
  throttle(key: string, options: ThrottleOptions): ThrottleResult;
  /** Returns the seconds left, always above 0; 0 if the key never expires; `undefined` if it is missing. O(1). */
  ttl(key: string): number | undefined;
  /**
   * Sets the seconds to live, or removes the expiry if `ttl` is 0 or negative. With `{ expiresAt }` instead, sets the point
   * in time, and removes the key if that is past. Returns `false` if the key is missing or expired, otherwise `true`. O(1).
   */
  expire(key: string, ttl: number | ExpiryOptions): boolean;
  /** Removes the expiry. Returns `false` if the key is missing or expired, otherwise `true`. O(1). */
  persist(key: string): boolean;
  /**
   * Returns the value and sets its seconds to live, in one step, or returns `undefined` if the key is missing or expired.
   * 0 or a negative number removes the expiry. O(size of the value).
   *
   * ```js
   * const session = sessions.getAndExpire(id, 1800); // expires 30 minutes after its last use
   * ```
   *
   * Throws what `get` and `expire` throw, and then has changed nothing.
   */
  getAndExpire(key: string, ttl: number | ExpiryOptions): V | undefined;
  /** Removes all entries, at one instant for every reader. Their memory is reclaimed later, in steps. O(1). */
  clear(): void;
  /** Alias of `clear`. */
  flushAll(): void;
  /** Alias of `clear`. */
  flush_all(): void;
  /** Reclaims up to `max` expired entries (default 0: all) and returns how many it reclaimed. O(entries). */
  flushExpired(max?: number): number;

  /**
   * Returns value, version and seconds left (0: never expires) as of one instant, or `undefined` if the key is missing
   * or expired. O(size of the value).
   *
   * Throws what `get` throws.
   */
  getEntry(key: string): Entry<V> | undefined;
  /**
   * Returns the value even if it has expired, until it is reclaimed; `stale` says whether it has expired. Returns
   * `undefined` if there is no value.
   *
   * Throws what `get` throws.
   */
  getStale(key: string): StaleValue<V> | undefined;
  /**
   * Replaces the value with the result of `fn` and returns that result, atomically: `fn` is called again whenever
   * another write came in between.
   *
   * `fn` gets `undefined` for a missing key, removes the key by returning `undefined`, and must not be asynchronous.
   * As with `set`, the new value never expires unless a TTL or `keepTtl` is given.
   *
   * Throws what `get` and `set` throw.
   */
  update(key: string, fn: (value: V | undefined) => V | undefined, ttl?: number | TtlOptions): V | undefined;

  /**
   * Returns the values of those keys that exist and that this handle can read. Lists are left out. Atomic per key, but not
   * as a whole.
   */
  getMany(keys: Iterable<string>): Map<string, V>;
  /**
   * Stores entries and returns how many were stored. Atomic per key, but not as a whole. Entries are taken from the
   * iterable up to 256 ahead of being stored. An entry can have its own TTL or options, and only those
   * may have `ifVersion`: `['b', 2, 60]`, `['c', 3, { ifAbsent: true }]`.
   *
   * Stops at the first failure and throws what `set` throws; `error.count` is the number of entries stored before it.
   */
  setMany(entries: Iterable<readonly [key: string, value: V, ttl?: number | SetOptions | undefined]>, ttl?: number | Omit<SetOptions, 'ifVersion'>): number;
  /** Removes keys and returns how many existed. Atomic per key, but not as a whole. */
  deleteMany(keys: Iterable<string>): number;

  /**
   * Adds items at the left end of a list, one after the other, so that the last one is the first of the list, and returns
   * the new length. The list is created if the key is missing. All items or none of them, at one instant; at most 65,535.
   * O(size of the items).
   *
   * Throws `ERR_SHM_WRONG_TYPE` if the value is not a list, as do all list calls, and what `set` throws.
   */
  lpush(key: string, ...items: [ListItem, ...ListItem[]]): number;
  /** Like `lpush`, but at the right end, in the order given. */
  rpush(key: string, ...items: [ListItem, ...ListItem[]]): number;
  /**
   * Removes and returns the item at the left end, or returns `undefined` if the key is missing. Removing the last item
   * removes the key. O(size of the item).
   */
  lpop(key: string): string | number | Buffer | undefined;
  /** Like `lpop`, but at the right end. */
  rpop(key: string): string | number | Buffer | undefined;
  /** Returns the number of items in a list, 0 if the key is missing. O(1). */
  llen(key: string): number;
  /**
   * Returns the items from `start` (default 0) to `stop` (default -1), both inclusive, as of one instant. Negative
   * positions count from the end. O(`stop`).
   */
  lrange(key: string, start?: number, stop?: number): Array<string | number | Buffer>;

  /**
   * Returns the value, or, if it is missing, the result of `loader`, which is stored unless the key was written,
   * deleted or cleared meanwhile.
   * One loader runs at a time per key across all processes; if its process or worker dies, or takes over 60 seconds,
   * another takes over, and the first result is stored. No load waits for other keys: of very many at once, the oldest
   * results are returned but not stored. With `staleFor`, an expired value is returned while one process refreshes it in the
   * background; after a failed refresh the next one waits, half a second at first and half a minute at most.
   *
   * The loader runs in its caller's asynchronous context. If it returns `undefined`, nothing is stored, and its callers get
   * `undefined`; they also get a value that cannot be stored, of which, as of failed refreshes, `onError` is told. Otherwise
   * each caller gets a copy of its own.
   *
   * Rejects with the loader's error, and then has stored nothing; with `ERR_SHM_TIMEOUT` or an `AbortError` according to the
   * options; with `ERR_SHM_DEADLOCK` in a loader that would wait for itself, also through other keys; and as `get` and `set`.
   */
  getOrSet(key: string, loader: (key: string) => V | PromiseLike<V>, options?: number | GetOrSetOptions): Promise<V>;

  /** Tells what changes; see `DictChanges`. */
  watch: DictChanges<V>['watch'];
  /** Waits until the key has another version; see `DictChanges`. */
  waitFor: DictChanges<V>['waitFor'];

  /** Returns figures about memory and use, across all processes. O(pages). */
  stats(): Stats;
  /**
   * Audits the whole segment and returns what is wrong with it. O(size of the segment). Writes to a part wait while
   * that part is audited.
   */
  verify(): Verification;
}
