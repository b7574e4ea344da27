// The public API. Times are seconds, fractions allowed. A wrong argument throws a `TypeError` or `RangeError`
// with Node's own code (`ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`); everything about the
// shared memory throws a `ShmError`. Any call may throw `ERR_SHM_CLOSED`, `ERR_SHM_RETIRED`, `ERR_SHM_FORKED` and
// `ERR_SHM_CORRUPT`, any read and write `ERR_SHM_LOCK_TIMEOUT`, any write `ERR_SHM_READONLY`; only what else a call
// may throw is listed with it.
import type {
  CreateOptions,
  DirectoryOptions,
  Entry,
  GetOrSetOptions,
  IncrOptions,
  ListedDict,
  ListItem,
  OpenOptions,
  SegmentOptions,
  SetOptions,
  ShmErrorCode,
  SystemErrorCode,
  Size,
  StaleValue,
  Stats,
  TtlOptions,
  Verification,
} from './dist/types.js';

export type {
  ClassStats,
  Codec,
  CodecOption,
  CreateOptions,
  DirectoryOptions,
  Entry,
  GetOrSetOptions,
  HandleOptions,
  IncrOptions,
  ListedDict,
  ListItem,
  OpenOptions,
  SegmentOptions,
  SetOptions,
  ShmErrorCode,
  SystemErrorCode,
  Size,
  StaleValue,
  Stats,
  TtlOptions,
  Verification,
} from './dist/types.js';

export type { ListedObject, NamedObject, NamingOptions, ObjectHandleOptions, ObjectOpenOptions, WaitableObject, WaitOptions } from './types/named-object.js';
export * from './types/files.js';
export * from './types/shared-locks.js';
export * from './types/shared-mutex.js';
export * from './types/shared-segment.js';
export * from './types/shared-ring.js';
export * from './types/shared-semaphore.js';

/**
 * A dictionary that every process and worker thread of the machine can open. Single-key calls and `clear` are atomic
 * and linearizable; reads take no lock. Keys are non-empty strings of at most 65,535 stored bytes (one a code unit if
 * all are at most 0xFF, else two). Values are strings, numbers, booleans, bigints of 64 bits, null, bytes, and
 * whatever the structured clone algorithm takes; at most 4 GiB.
 *
 * @typeParam V what the values are; not checked at run time.
 */
export class SharedDict<V = unknown> {
  private constructor();

  /**
   * Makes a new dictionary, of this size or with these options. The handle is its owner: when it closes, is
   * collected, or its process or worker ends, the name is removed; those who have it open go on.
   * Throws `ERR_SHM_EXISTS`, `ERR_SHM_NO_SPACE`, `ERR_SHM_INVALID_NAME`, `ERR_SHM_ACCESS`.
   */
  static create<V = unknown>(name: string, options: CreateOptions | Size): SharedDict<V>;
  /**
   * Attaches to an existing dictionary. Throws `ERR_SHM_NOT_FOUND`, `ERR_SHM_LAYOUT`, `ERR_SHM_UNTRUSTED`,
   * `ERR_SHM_ACCESS`, `ERR_SHM_TOO_MANY_PROCESSES`, `ERR_SHM_INVALID_NAME`.
   */
  static open<V = unknown>(name: string, options?: OpenOptions): SharedDict<V>;
  /**
   * Attaches, or creates atomically. Nobody is the owner: the dictionary lives until `unlink` or reboot.
   * Throws `ERR_SHM_OPTIONS_MISMATCH` if it exists with other options than given, and what the two others throw.
   */
  static openOrCreate<V = unknown>(name: string, options?: SegmentOptions | Size): SharedDict<V>;
  /** Removes a name; those who have it open go on. True if there was one. */
  static unlink(name: string, options?: DirectoryOptions): boolean;
  /** Removes all leftovers: owned, not `persist`, nobody alive attached. Their names. */
  static prune(options?: DirectoryOptions): string[];
  /** All dictionaries of the directory. */
  static list(options?: DirectoryOptions): ListedDict[];

  /** The name it was opened by. */
  readonly name: string;
  /** The file it lies in. */
  readonly path: string;
  /** True if closing removes the name (unless `persist`). */
  readonly owner: boolean;
  readonly readOnly: boolean;
  readonly closed: boolean;
  /** Live entries; not a snapshot. O(shards), or O(entries) where some have expired. */
  readonly size: number;

  /**
   * The value, or `undefined` if missing or expired. O(1) and the size of the value. Throws `ERR_SHM_WRONG_TYPE`
   * on a list, `ERR_SHM_UNSUPPORTED` if this handle lacks the codec that wrote the value.
   */
  get(key: string): V | undefined;
  /** Whether the key is there. O(1). */
  has(key: string): boolean;
  /**
   * Stores a value, with seconds to live or options. True, or false if a condition in the options failed.
   * Throws `ERR_SHM_FULL` and `ERR_SHM_TOO_LARGE`; the previous value is kept then. O(1) and the size of the value.
   */
  set(key: string, value: V, ttl?: number | SetOptions): boolean;
  /** `set` only if the key is missing or expired. */
  add(key: string, value: V, ttl?: number | TtlOptions): boolean;
  /** `set` only if the key is there. */
  replace(key: string, value: V, ttl?: number | TtlOptions): boolean;
  /** Stores, and returns the previous value. Throws what `get` and `set` throw, before anything is changed. */
  swap(key: string, value: V, ttl?: number | TtlOptions): V | undefined;
  /** Removes the key. True if it was there, and had `ifVersion` if that is given. O(1). */
  delete(key: string, options?: { ifVersion?: bigint | undefined }): boolean;
  /** Alias of `delete`. */
  del(key: string, options?: { ifVersion?: bigint | undefined }): boolean;
  /** Removes the key and returns its value, atomically. */
  take(key: string): V | undefined;
  /**
   * Copies a string (as UTF-8) or binary value into `buffer` from `offset` on; bytes copied, or -1 if missing.
   * Throws `ERR_OUT_OF_RANGE` if it does not fit, `ERR_SHM_WRONG_TYPE` for other values; nothing is copied then.
   */
  getInto(key: string, buffer: Uint8Array, offset?: number): number;

  /**
   * Adds `delta` (default 1, or `1n` on a bigint: give it to know the result's type) and returns the new value; `undefined` if the key is missing and
   * no `init` is given. A number as third argument is a TTL, which replaces the present one. Throws
   * `ERR_SHM_WRONG_TYPE` on anything but a number or bigint and if the two are mixed, `ERR_SHM_OVERFLOW` if the
   * result leaves the finite doubles or int64; the value is unchanged then. O(1).
   */
  incr(key: string, delta: bigint | undefined, ttl: IncrOptions<bigint> & { init: bigint }): bigint;
  incr(key: string, delta: bigint, ttl?: number | IncrOptions<bigint>): bigint | undefined;
  incr(key: string, delta: number | undefined, ttl: IncrOptions & { init: number }): number;
  incr(key: string, delta: number, ttl?: number | IncrOptions): number | undefined;
  incr(key: string, delta?: number, ttl?: number | IncrOptions): number | bigint | undefined;

  /** `undefined` if missing, 0 for no expiry, else the seconds left, above 0. O(1). */
  ttl(key: string): number | undefined;
  /** Sets the seconds to live; 0 or less: no expiry. False if the key is missing or expired. O(1). */
  expire(key: string, ttl: number): boolean;
  /** Empties the dictionary; every reader sees it at once. O(1). */
  clear(): void;
  /** Alias of `clear`. */
  flushAll(): void;
  /** Alias of `clear`. */
  flush_all(): void;
  /** Reclaims at most `max` expired entries (0 or none: all); how many. O(entries). */
  flushExpired(max?: number): number;

  /** At most `max` keys (0 or none: all), in no order. O(entries). */
  getKeys(max?: number): string[];
  /** Alias of `getKeys`. */
  get_keys(max?: number): string[];
  /**
   * Iterators, as `Map` has them, but weakly consistent: a key that is there throughout is yielded exactly once, one
   * that comes or goes meanwhile perhaps. A list is yielded as an array. `prefix` is compared by code units.
   */
  keys(options?: { prefix?: string | undefined }): IterableIterator<string>;
  values(): IterableIterator<V>;
  entries(): IterableIterator<[string, V]>;
  [Symbol.iterator](): IterableIterator<[string, V]>;
  forEach(callback: (value: V, key: string, dict: this) => void, thisArg?: unknown): void;

  /** Value, version and seconds left (0: no expiry), as they were at one instant. O(1) and the size of the value. */
  getEntry(key: string): Entry<V> | undefined;
  /** The value even if it has expired, as long as it was not reclaimed; `stale` tells. */
  getStale(key: string): StaleValue<V> | undefined;
  /**
   * Replaces the value by what `fn` makes of it, calling `fn` again if somebody else wrote meanwhile; the new value.
   * `fn` gets `undefined` for a missing key, and deletes by returning `undefined`. It must not be asynchronous.
   * The TTL is that of a `set`: none, unless given or `keepTtl`. Throws what `get` and `set` throw.
   */
  update(key: string, fn: (value: V | undefined) => V | undefined, ttl?: number | TtlOptions): V | undefined;

  /** The values of the keys that exist. Atomic per key, not as a whole, like the two below. */
  getMany(keys: Iterable<string>): Map<string, V>;
  /**
   * Stores entries; how many were stored. Stops at the first failure: `error.count` says how many were stored
   * before. `ifVersion` is refused. Entries are taken from the iterable up to 256 ahead of being stored.
   */
  setMany(entries: Iterable<readonly [string, V]>, ttl?: number | Omit<SetOptions, 'ifVersion'>): number;
  /** Removes keys; how many existed. */
  deleteMany(keys: Iterable<string>): number;

  /** Appends an item at the left end of a list, which is made if missing; the new length. O(1) and its size. */
  lpush(key: string, item: ListItem): number;
  /** `lpush` at the right end. Both throw `ERR_SHM_WRONG_TYPE` on what is no list, like all calls on lists. */
  rpush(key: string, item: ListItem): number;
  /** Removes and returns the item at the left end; the key goes with the last one. O(1) and its size. */
  lpop(key: string): string | number | Buffer | undefined;
  /** `lpop` at the right end. */
  rpop(key: string): string | number | Buffer | undefined;
  /** Items of a list; 0 if missing. O(1). */
  llen(key: string): number;
  /** The items from `start` to `stop`, both included, negative ones from the end; at one instant. O(`stop`). */
  lrange(key: string, start?: number, stop?: number): Array<string | number | Buffer>;

  /**
   * The value; if missing, what `loader` gives, which is stored unless the key was written, deleted or cleared
   * meanwhile. One loader runs at a time per key across all processes; if its process or worker dies, another takes
   * over. Errors of the loader reject, and nothing is stored. Rejects with `ERR_SHM_TIMEOUT` and `AbortError` as the
   * options say, and with what `get` and `set` throw. An error of a refresh in the background (`staleFor`) is not
   * reported; the next call tries again.
   */
  getOrSet(key: string, loader: (key: string) => V | PromiseLike<V>, options?: GetOrSetOptions): Promise<V>;

  /** Numbers about memory and use, of all processes. O(pages). */
  stats(): Stats;
  /** Audits the whole segment. O(its size); writes to each part wait while it is looked at. */
  verify(): Verification;
  /** Detaches; an owner's name is removed. Idempotent. */
  close(): void;
  [Symbol.dispose](): void;
}

/**
 * An error about the shared memory. The code is stable; the message is for people.
 *
 * - `ERR_SHM_INVALID_NAME`: the name is not `[A-Za-z0-9_][A-Za-z0-9._-]{0,99}`
 * - `ERR_SHM_EXISTS`, `ERR_SHM_NOT_FOUND`: create of a live name, open of a missing one
 * - `ERR_SHM_NO_SPACE`: the file system cannot hold the segment
 * - `ERR_SHM_FULL`: no room for this entry; the previous value is kept
 * - `ERR_SHM_TOO_LARGE`: key or value above its limit
 * - `ERR_SHM_WRONG_TYPE`: the stored value is of another kind than the call works on
 * - `ERR_SHM_OVERFLOW`: the result of `incr` cannot be stored; the value is unchanged
 * - `ERR_SHM_LOCK_TIMEOUT`: a living process held a lock and made no progress for `lockTimeout`
 * - `ERR_SHM_READONLY`, `ERR_SHM_CLOSED`: the handle is
 * - `ERR_SHM_RETIRED`: the segment was replaced under this handle
 * - `ERR_SHM_LAYOUT`: not a file of shmkit, or of a layout this version cannot use
 * - `ERR_SHM_CORRUPT`: damage that could not be repaired
 * - `ERR_SHM_OPTIONS_MISMATCH`: the existing segment was made with other options
 * - `ERR_SHM_UNTRUSTED`: the file belongs to another user, is a link, or is not a regular file
 * - `ERR_SHM_ACCESS`: the system refused
 * - `ERR_SHM_TOO_MANY_PROCESSES`: all participant slots are held by living processes
 * - `ERR_SHM_FORKED`: the handle was made before a raw fork of this process
 * - `ERR_SHM_TIMEOUT`: the `timeout` of an asynchronous call passed
 * - `ERR_SHM_TOO_SHORT`: a file ends before what is to be mapped of it
 * - `ERR_SHM_TRUNCATED`: a mapped file became shorter
 * - `ERR_SHM_NO_VIEW`: the runtime, or the length, allows no view without a copy
 * - `ERR_SHM_UNSUPPORTED`: file system, kernel or runtime lack something, or the codec of a value is not here
 * - `EMFILE`, `ENOMEM`, `EIO` and the like: the system failed; with `errno`, `syscall` and mostly `path`, as in Node's own
 */
export class ShmError extends Error {
  constructor(code: ShmErrorCode, message: string);
  readonly name: 'ShmError';
  readonly code: ShmErrorCode;
  /** Bytes needed: `ERR_SHM_FULL`, `ERR_SHM_NO_SPACE`. */
  readonly needed?: number;
  /** Bytes free: `ERR_SHM_FULL`, `ERR_SHM_NO_SPACE`. */
  readonly free?: number;
  /** Where there is no space: `ERR_SHM_NO_SPACE`. */
  readonly directory?: string;
  /** Bytes of the key or value: `ERR_SHM_TOO_LARGE`. */
  readonly size?: number;
  /** What is allowed: `ERR_SHM_TOO_LARGE`, `ERR_SHM_TOO_MANY_PROCESSES`. */
  readonly limit?: number;
  /** The process that holds the lock: `ERR_SHM_LOCK_TIMEOUT`. */
  readonly pid?: number;
  /** The name: `ERR_SHM_EXISTS`, `ERR_SHM_NOT_FOUND`. */
  readonly segment?: string;
  /** The file: `ERR_SHM_EXISTS`, `ERR_SHM_NOT_FOUND`, failures of the system. */
  readonly path?: string;
  /** The system's number, negative: failures of the system. */
  readonly errno?: number;
  /** The call that failed: failures of the system. */
  readonly syscall?: string;
  /** How many entries `setMany` had stored when it failed. */
  readonly count?: number;
}
