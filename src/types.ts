// Types of the public calls' arguments and results. Re-exported by index.d.ts, so the comments are for users.

/** A number of bytes, or a string such as `'64mb'`: a number and a unit (b, kb, mb, gb, tb; powers of 1,024) in any case. */
export type Size = number | string;

/** Converts values without a native representation, that is, objects of all kinds, to bytes and back. */
export interface Codec {
  /**
   * 1 to 255 bytes of UTF-8, stored with each entry. A handle without a codec of this name cannot read the entry. The names
   * that `accept` has for built-in encodings (`'plain'`, `'json'`, `'structured'`) are refused.
   */
  name: string;
  /** Returns the bytes of a value. If it throws, the write throws the same error and stores nothing. */
  encode(value: unknown): Uint8Array;
  /** Returns the value of the bytes, which it may modify. If it throws, the read throws the same error. */
  decode(bytes: Buffer): unknown;
  /** Whether `decode` gets bytes of its own to keep. Default: false; they are valid only until it returns. */
  keepsBytes?: boolean | undefined;
}

/** How objects are stored: plain data as records and the rest by structured clone (lossless), as JSON text, or by your own codec. */
export type CodecOption = 'structured' | 'json' | Codec;

/** Options of handles that store values. */
export interface ValueOptions {
  /** How to store objects; all other values need no codec. Default `'structured'`. */
  codec?: CodecOption | undefined;
  /**
   * The encodings that this handle decodes: `'plain'` (strings, numbers, booleans, bigints, `null`, bytes, lists), `'json'`,
   * `'structured'` and names of codecs. Other values throw `ERR_SHM_UNSUPPORTED`. Default: all, and with `codec: 'json'`
   * only `['plain', 'json']`. List no more than you need if you do not trust all processes that can write.
   */
  accept?: ReadonlyArray<'plain' | 'json' | 'structured' | (string & {})> | undefined;
}

/** Options of a single handle, for `create`, `open` and `openOrCreate`. */
export interface HandleOptions extends ValueOptions {
  /** Seconds to wait for a live lock holder that makes no progress. Above 0; default 1. */
  lockTimeout?: number | undefined;
  /**
   * Whether to keep recently read strings, numbers, booleans, bigints and nulls on the heap, and return them again for as
   * long as the shared memory shows that they are current. It only affects how fast repeated `get`s are.
   *
   * On by default where the runtime allows an `ArrayBuffer` over shared memory; Electron does not. An object sets its
   * limits: at most `maxEntries` keys (default 16,384) and about `maxBytes` bytes of heap (default 16 MiB).
   */
  localCache?: boolean | { readonly maxEntries?: number | undefined; readonly maxBytes?: number | undefined } | undefined;
  /**
   * Ids of other users whose dictionaries to accept, or `'any'` for all users. Your own id is always accepted; root accepts
   * no other user by default, either.
   */
  trustUids?: TrustedUids | undefined;
  /** The directory of the files. Default on Linux `/dev/shm/shmkit-<uid>`, which other users cannot enter. */
  dir?: string | undefined;
  /** Keep the memory out of swap while this process has it open (`mlock`, within `ulimit -l`). Default `false`. */
  lock?: boolean | undefined;
}

/** Options of `open`. */
export interface OpenOptions extends HandleOptions {
  /** Open read-only: every write throws `ERR_SHM_READONLY`. Default `false`. */
  readOnly?: boolean | undefined;
}

/**
 * Options of `openOrCreate`. Those of the segment are compared with an existing one only if they are given, except that
 * the `mode` of an own one must be the default if it is not given.
 */
export interface SegmentOptions extends HandleOptions {
  /**
   * Bytes of the whole dictionary, rounded up to a multiple of 64 KiB; the minimum is 64 KiB. With `maxSize`, the bytes that
   * it takes at first (default 1 MiB).
   */
  size?: Size | undefined;
  /**
   * Bytes that the dictionary may take: it begins small and grows. Rounded up like `size`. With `size` alone, it does not
   * grow. Default of `openOrCreate` without `size`: 1 GiB.
   */
  maxSize?: Size | undefined;
  /** What to do when there is no room: `'error'` (default) throws `ERR_SHM_FULL`, `'evict'` removes old entries. */
  onFull?: 'error' | 'evict' | undefined;
  /** Keep the name when the owner closes. Default `false`. */
  persist?: boolean | undefined;
  /**
   * Replace any existing dictionary of this name, atomically. Handles that have it open get `ERR_SHM_RETIRED`. Only for
   * `create`. Default `false`.
   */
  replace?: boolean | undefined;
  /** The file's permission bits, 0 to 0o777. Default 0o600. */
  mode?: number | undefined;
  /** The number of entries that the index has room for. Default: as many small entries as fit into the memory. */
  maxEntries?: number | undefined;
  /** Verify the header, key and value of each entry on every read. Default `false`. */
  checksums?: boolean | undefined;
  /** Overwrite keys and values once they are removed or replaced. Default `false`. */
  wipe?: boolean | undefined;
  /**
   * Bytes of the memory that `watch` needs to tell of changes: the more, the longer a watcher may be busy and miss none.
   * Default: a hundredth of `size`, and at least 4 KiB a shard. 0, the default with `wipe`,
   * because events keep removed keys for a while: no call can watch it.
   */
  feed?: Size | undefined;
}

/** Options of `create`. */
export type CreateOptions = SegmentOptions & ({ size: Size } | { maxSize: Size });

/** User ids, or `'any'` for all users: for tools that show and remove their objects. */
export type TrustedUids = readonly number[] | 'any';

/** Options of calls that only work on names. */
export interface DirectoryOptions {
  /** The directory of the files. Default on Linux `/dev/shm/shmkit-<uid>`, which other users cannot enter. */
  dir?: string | undefined;
  /** Ids of other users whose objects to list or remove, or `'any'` for all users. Your own are always included. */
  trustUids?: TrustedUids | undefined;
}

/** Options that say when an entry expires. */
export interface ExpiryOptions {
  /** Seconds until the entry expires. Default, and for 0 or a negative number: never. */
  ttl?: number | undefined;
  /**
   * When the entry expires, as a `Date` or in milliseconds since 1970: by the wall clock at the time of the call, and by the
   * boot clock from then on. If it is not later than now, the key is removed, and the call returns as if it had stored.
   * Cannot be combined with `ttl` or `keepTtl`.
   */
  expiresAt?: Date | number | undefined;
}

/** Options of writes without a condition. */
export interface TtlOptions extends ExpiryOptions {
  /** Keep the key's current expiry. Cannot be combined with `ttl` or `expiresAt`. Default `false`. */
  keepTtl?: boolean | undefined;
}

/** Options of `set`. */
export interface SetOptions extends TtlOptions {
  /** Store only if the key is missing or expired. Default `false`. */
  ifAbsent?: boolean | undefined;
  /** Store only if the key exists. Default `false`. */
  ifPresent?: boolean | undefined;
  /** Store only if the key has this version, as returned by `getEntry`; `0n` means that it must be missing. */
  ifVersion?: bigint | undefined;
}

/** Options of `incr`. Its `ttl` or `expiresAt` replaces the current expiry; by default that stays. */
export interface IncrOptions<N extends number | bigint = number> extends ExpiryOptions {
  /** The value to assume for a missing key. Default: `incr` on a missing key does nothing. */
  init?: N | undefined;
  /** Seconds until an entry that this call creates expires, unless `ttl` or `expiresAt` is given. Default: never. */
  initTtl?: number | undefined;
  /** Return `{ value, ttl, version }` instead of the new value. Default `false`. */
  detail?: boolean | undefined;
}

/** The result of `incr` with `detail: true`, as of the instant of the change. */
export interface IncrDetail<N extends number | bigint = number> {
  /** The new value. */
  value: N;
  /** Seconds left, always above 0; 0 if the entry never expires. */
  ttl: number;
  /** The version, as `getEntry` returns it; `0n` if `expiresAt` was past, so that the key was removed. */
  version: bigint;
}

/** The result of `type`. Lists are stored by `lpush` and `rpush`, everything that needs a codec counts as an object. */
export type ValueType = 'string' | 'number' | 'boolean' | 'bigint' | 'null' | 'bytes' | 'object' | 'list';

/** Options of `getOrSet`. */
export interface GetOrSetOptions extends ExpiryOptions {
  /** Seconds after its expiry during which the old value is returned while one process loads the new one. Default 0. */
  staleFor?: number | undefined;
  /** Seconds after which the call rejects with `ERR_SHM_TIMEOUT`; the loader keeps running. Default: no limit. */
  timeout?: number | undefined;
  /** Rejects the call with an `AbortError` when aborted; the loader keeps running. */
  signal?: AbortSignal | undefined;
  /**
   * Told of a loaded value that cannot be stored, which the callers get all the same, and of a failed background refresh,
   * after which the next one waits for a while.
   */
  onError?: ((error: unknown, key: string) => unknown) | undefined;
}

/** An entry as of one instant. */
export interface Entry<V = unknown> {
  /** The stored value. */
  value: V;
  /** Changes with every write of the key and never repeats for it. */
  version: bigint;
  /** Seconds left, always above 0; 0 if the entry never expires. */
  ttl: number;
}

/** A value that may have expired. */
export interface StaleValue<V = unknown> {
  /** The stored value. */
  value: V;
  /** Whether it has expired, but has not been reclaimed yet. */
  stale: boolean;
}

/** An item of a list. Bytes come back as a `Buffer`. */
export type ListItem = string | number | Uint8Array;

/** The result of `verify`. */
export interface Verification {
  /** Whether there are no problems. */
  ok: boolean;
  /** One line for each problem. */
  problems: string[];
}
