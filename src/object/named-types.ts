// Public types that all kinds of named objects share, dictionaries excepted. index.d.ts re-exports them.

/** Options of every way to open an object. */
export interface ObjectHandleOptions {
  /** Ids of other users whose objects are accepted. The own id always is. */
  trustUids?: readonly number[] | undefined;
  /** Where the files are. Default `/dev/shm` on Linux. */
  dir?: string | undefined;
}

/** Options of `open`. */
export interface ObjectOpenOptions extends ObjectHandleOptions {
  /** Attach for looking only: every change throws `ERR_SHM_READONLY`. */
  readOnly?: boolean | undefined;
}

/** Options of `create` and `openOrCreate`; the latter compares them only where given. */
export interface NamingOptions extends ObjectHandleOptions {
  /** The owner's close keeps the name. Default false. */
  persist?: boolean | undefined;
  /** Permission bits of the file. Default `0o600`. */
  mode?: number | undefined;
  /** Replace whatever has the name; those who have it open get `ERR_SHM_RETIRED`. */
  replace?: boolean | undefined;
}

/** Options of a call that waits without blocking. */
export interface WaitOptions {
  /** Seconds, at least 0. Default: as long as it takes. */
  timeout?: number | undefined;
  /** Gives up the wait, which rejects with an `AbortError`. */
  signal?: AbortSignal | undefined;
  /**
   * Whether the wait keeps the process from ending when it has nothing else to do. Default: only if it has a `timeout`, as
   * timers do, or after `ref()` of what it waits for.
   */
  ref?: boolean | undefined;
}

/** One line of `list`. */
export interface ListedObject {
  name: string;
  /** Bytes of the file. */
  size: number;
  /** The processes that have it open for more than looking. */
  processes: number[];
  /** True for a leftover: its owner is gone, it is not `persist`, and nobody alive has it open. */
  stale: boolean;
}
