// Public types that all kinds of named objects except dictionaries share. index.d.ts re-exports them.
import type { DirectoryOptions, TrustedUids } from '../types.js';

/** Options of all calls that open an object. */
export interface ObjectHandleOptions {
  /**
   * Ids of other users whose objects to accept, or `'any'` for all users. Your own id is always accepted; root accepts no
   * other user by default, either.
   */
  trustUids?: TrustedUids | undefined;
  /** The directory of the files. Default on Linux `/dev/shm/shmkit-<uid>`, which other users cannot enter. */
  dir?: string | undefined;
  /**
   * Keep the object's memory out of swap while this process has it open. Default `false`. Throws `ERR_SHM_ACCESS` if that
   * exceeds the user's limit of locked memory (`ulimit -l`).
   */
  lock?: boolean | undefined;
}

/** Options of `open`. */
export interface ObjectOpenOptions extends ObjectHandleOptions {
  /** Open read-only: every change throws `ERR_SHM_READONLY`. Default `false`. */
  readOnly?: boolean | undefined;
}

/** What `openOrCreate` does with an object that it finds. */
export interface MismatchOptions {
  /**
   * What to do with an object that was created with other options, or by a version of shmkit with another layout: `'error'`
   * (default) throws `ERR_SHM_OPTIONS_MISMATCH` or `ERR_SHM_LAYOUT`; `'open'` opens it as it is, unless its layout differs;
   * `'replace'` creates a new one in its place, and handles that have it open get `ERR_SHM_RETIRED`. An object that living
   * processes have open is replaced only if it is at least ten seconds old; otherwise `'replace'` throws
   * `ERR_SHM_OPTIONS_MISMATCH`, so that programs that ask for different options do not replace each other's objects all the
   * time. Only for `openOrCreate`.
   */
  onMismatch?: 'error' | 'open' | 'replace' | undefined;
}

/**
 * Options of `create` and `openOrCreate`, which compares them with an existing object only if they are given, except that
 * the `mode` of an own one must be the default if it is not given.
 */
export interface NamingOptions extends ObjectHandleOptions, MismatchOptions {
  /** Keep the name when the owner closes. Default `false`. */
  persist?: boolean | undefined;
  /** The file's permission bits, 0 to 0o777. Default 0o600. */
  mode?: number | undefined;
  /**
   * Replace any existing object of this name, atomically. Handles that have it open get `ERR_SHM_RETIRED`. Only for
   * `create`. Default `false`.
   */
  replace?: boolean | undefined;
}

/** Options of a call that waits without blocking. */
export interface WaitOptions {
  /** Seconds to wait, at least 0. Default: no limit. */
  timeout?: number | undefined;
  /** Ends the wait when aborted; it rejects with an `AbortError`. */
  signal?: AbortSignal | undefined;
  /**
   * Whether the wait keeps the process alive. Default: only if it has a `timeout`, like a timer, or after `ref()` on the
   * object it waits for.
   */
  ref?: boolean | undefined;
}

/** An object in the result of `list`. */
export interface ListedObject {
  /** The object's name. */
  name: string;
  /** Bytes of the file. */
  size: number;
  /** The pids of the processes that have it open for writing. */
  processes: number[];
  /** Whether it is a leftover: its owner is gone, it is not `persist`, and no live process has it open. */
  stale: boolean;
}

/** Options of `prune`. */
export interface PruneOptions extends DirectoryOptions {
  /** Only objects whose names start with it. Default: all. */
  prefix?: string | undefined;
}
