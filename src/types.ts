// What the public calls take and give. Re-exported by index.d.ts, so the comments are for users.

/** `value` in bytes, or a string such as `'64mb'`: a number and one of b, kb, mb, gb, tb (powers of 1,024), in any case. */
export type Size = number | string;

/** Turns values that have no form of their own (objects of all kinds) into bytes and back. */
export interface Codec {
  /** Stored with each entry, 1 to 255 bytes of UTF-8. A handle without a codec of this name cannot read the entry. */
  name: string;
  /** The bytes of a value. What it throws comes out of the write, and nothing is stored. */
  encode(value: unknown): Uint8Array;
  /** The value of the bytes, which belong to the callee. What it throws comes out of the read. */
  decode(bytes: Buffer): unknown;
}

/** How objects are stored: V8's structured clone (lossless), JSON text, or a codec of your own. */
export type CodecOption = 'structured' | 'json' | Codec;

/** Options of one handle, on `create`, `open` and `openOrCreate`. */
export interface HandleOptions {
  /** Seconds a write waits for a living holder of a lock that makes no progress. Above 0, default 1. */
  lockTimeout?: number | undefined;
  /**
   * Keeps the strings, numbers, booleans, bigints and nulls that were read last, and returns them again for as long as
   * the shared memory shows that they are current. It cannot be noticed but by the time that a repeated `get` takes.
   * Default on where the runtime lets shared memory be seen as an `ArrayBuffer`; Electron does not. A number of limits
   * may be given: at most `maxEntries` keys (default 16,384) and about `maxBytes` bytes of heap (default 16 MiB).
   */
  localCache?: boolean | { readonly maxEntries?: number | undefined; readonly maxBytes?: number | undefined } | undefined;
  /** For objects; strings, numbers, booleans, bigints, null and bytes need none. Default `'structured'`. */
  codec?: CodecOption | undefined;
  /** Ids of other users whose dictionaries are accepted. The own id always is. */
  trustUids?: readonly number[] | undefined;
  /** Where the files are. Default `/dev/shm` on Linux. */
  dir?: string | undefined;
}

/** Options of `open`. */
export interface OpenOptions extends HandleOptions {
  /** Attach for reading only: every write throws `ERR_SHM_READONLY`. */
  readOnly?: boolean | undefined;
}

/** Options of `openOrCreate`. Those that shape the segment are compared with an existing one only where given. */
export interface SegmentOptions extends HandleOptions {
  /** Of the whole file, rounded up to 64 KiB, which is also the smallest. Needed to create. */
  size?: Size | undefined;
  /** What a write does when there is no room: throw `ERR_SHM_FULL` (default), or remove old entries. */
  onFull?: 'error' | 'evict' | undefined;
  /** The owner's close keeps the name. Default false. */
  persist?: boolean | undefined;
  /** Retire and replace whatever has the name, atomically. Default false. */
  replace?: boolean | undefined;
  /** Permission bits of the file, 0 to 0o777. Default 0o600. */
  mode?: number | undefined;
  /** How many entries the index has room for. Default: as many as fit the memory. */
  maxEntries?: number | undefined;
  /** Check header, key and value of each entry on every read. Default false. */
  checksums?: boolean | undefined;
}

/** Options of `create`. */
export interface CreateOptions extends SegmentOptions {
  size: Size;
}

/** Options of the calls that work on names alone. */
export interface DirectoryOptions {
  /** Where the files are. Default `/dev/shm` on Linux. */
  dir?: string | undefined;
}

/** Options of `set`. */
export interface SetOptions {
  /** Seconds until the entry expires. 0, a negative number or none: it does not. */
  ttl?: number | undefined;
  /** Keep the expiry the key has. Not together with `ttl`. */
  keepTtl?: boolean | undefined;
  /** Store only if the key is missing or expired. */
  ifAbsent?: boolean | undefined;
  /** Store only if the key is there. */
  ifPresent?: boolean | undefined;
  /** Store only if the key has this version, as `getEntry` gave it; `0n` stands for "missing". */
  ifVersion?: bigint | undefined;
}

/** Options of the writes that know no condition. */
export type TtlOptions = Pick<SetOptions, 'ttl' | 'keepTtl'>;

/** Options of `incr`. */
export interface IncrOptions<N extends number | bigint = number> {
  /** What a missing key counts as. Without it, `incr` on a missing key does nothing. */
  init?: N | undefined;
  /** Seconds; replaces the expiry. Without it the expiry stays. */
  ttl?: number | undefined;
  /** Seconds; the expiry of an entry that this call creates, if `ttl` is not given. */
  initTtl?: number | undefined;
}

/** Options of `getOrSet`. */
export interface GetOrSetOptions {
  /** Seconds until the loaded value expires. 0, a negative number or none: it does not. */
  ttl?: number | undefined;
  /** Seconds after its expiry during which the old value is given while one process loads the new one. */
  staleFor?: number | undefined;
  /** Seconds after which the call rejects with `ERR_SHM_TIMEOUT`. The loader goes on. */
  timeout?: number | undefined;
  /** Aborting it rejects the call with an `AbortError`. The loader goes on. */
  signal?: AbortSignal | undefined;
}

/** An entry as it was at one instant. */
export interface Entry<V = unknown> {
  value: V;
  /** Changes with every write of the key and never repeats for it. */
  version: bigint;
  /** Seconds left, above 0; or 0 for no expiry. */
  ttl: number;
}

/** A value that may have expired. */
export interface StaleValue<V = unknown> {
  value: V;
  /** True if it has expired and was not reclaimed yet. */
  stale: boolean;
}

/** What a list can hold. Bytes come back as a `Buffer`. */
export type ListItem = string | number | Uint8Array;

/** One line of `SharedDict.list`. */
export interface ListedDict {
  name: string;
  /** Bytes of the file. */
  size: number;
  /** Live entries. */
  entries: number;
  /** The processes that have it open for writing. */
  processes: number[];
  /** True for a leftover: its owner is gone, it is not `persist`, and nobody alive has it open. */
  stale: boolean;
}

/** Memory of one size class. */
export interface ClassStats {
  /** Bytes of one block. */
  blockSize: number;
  /** Pages of this class. */
  pages: number;
  /** Blocks in use. */
  used: number;
  /** Blocks free. */
  free: number;
}

/** What `stats` shows. Not a snapshot. */
export interface Stats {
  /** Bytes of the file. */
  size: number;
  /** Bytes that entries can use. */
  capacity: number;
  /** Bytes in use; `used + free` is `capacity`. */
  used: number;
  /** Bytes free. */
  free: number;
  /** Live entries. */
  entries: number;
  /** Reads that found something, of all processes. */
  hits: number;
  /** Reads that found nothing. */
  misses: number;
  /** Writes. */
  sets: number;
  /** Deletions. */
  deletes: number;
  /** Entries removed for room. */
  evictions: number;
  /** Expired entries reclaimed. */
  expired: number;
  /** Times a writer slept for a lock. */
  lockWaits: number;
  /** Times what a dead writer had begun was finished or undone. */
  recoveries: number;
  /** Processes that have it open for writing. */
  processes: number;
  /** The size classes that have memory. */
  perClass: ClassStats[];
}

/** What `verify` found. */
export interface Verification {
  /** True if there are no problems. */
  ok: boolean;
  /** One line each. */
  problems: string[];
}

/**
 * Names of failures of the system, as Node's own errors have them: for what no `ERR_SHM_` code says better. These
 * are those that are known to happen.
 */
export type SystemErrorCode =
  | 'EAGAIN'
  | 'EBADF'
  | 'EBUSY'
  | 'EEXIST'
  | 'EINVAL'
  | 'EIO'
  | 'EMFILE'
  | 'ENAMETOOLONG'
  | 'ENFILE'
  | 'ENOENT'
  | 'ENOLCK'
  | 'ENOMEM'
  | 'ESTALE'
  | 'UNKNOWN';

/** The codes of `ShmError`. */
export type ShmErrorCode =
  | SystemErrorCode
  | 'ERR_SHM_INVALID_NAME'
  | 'ERR_SHM_EXISTS'
  | 'ERR_SHM_NOT_FOUND'
  | 'ERR_SHM_NO_SPACE'
  | 'ERR_SHM_FULL'
  | 'ERR_SHM_TOO_LARGE'
  | 'ERR_SHM_WRONG_TYPE'
  | 'ERR_SHM_OVERFLOW'
  | 'ERR_SHM_LOCK_TIMEOUT'
  | 'ERR_SHM_READONLY'
  | 'ERR_SHM_CLOSED'
  | 'ERR_SHM_RETIRED'
  | 'ERR_SHM_LAYOUT'
  | 'ERR_SHM_CORRUPT'
  | 'ERR_SHM_OPTIONS_MISMATCH'
  | 'ERR_SHM_UNTRUSTED'
  | 'ERR_SHM_ACCESS'
  | 'ERR_SHM_TOO_MANY_PROCESSES'
  | 'ERR_SHM_FORKED'
  | 'ERR_SHM_TIMEOUT'
  | 'ERR_SHM_UNSUPPORTED'
  | 'ERR_SHM_TRUNCATED'
  | 'ERR_SHM_TOO_SHORT'
  | 'ERR_SHM_NO_VIEW';
