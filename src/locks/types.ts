// Public types of locks by name.
import type { ListedObject, NamingOptions } from '../object/named-types.js';

/** `'exclusive'` excludes all other holders, `'shared'` only exclusive ones. */
export type LockMode = 'exclusive' | 'shared';

/** A held lock. */
export interface Lock {
  /** The lock's name. */
  readonly name: string;
  /** The mode in which it was granted. */
  readonly mode: LockMode;
  /** A fencing token: larger than the token of every earlier grant of this table. */
  readonly token: bigint;
  /**
   * Whether an earlier holder ended without releasing this name, so that what the lock protects may be half finished: its
   * process was killed or exited, its worker thread ended, or it closed its handle. Only the first grant after that,
   * exclusive or shared, reports it.
   */
  readonly ownerDied: boolean;
}

/** Runs while the lock is held. Gets `null` if `ifAvailable` is set and the lock is not available. */
export type LockCallback<T> = (lock: Lock | null) => T | PromiseLike<T>;

/** Options of `SharedLocks.request`. */
export interface LockRequestOptions {
  /** Default `'exclusive'`. */
  mode?: LockMode | undefined;
  /** Do not wait: if the lock is not available at once, the callback gets `null`. Default `false`. */
  ifAvailable?: boolean | undefined;
  /**
   * Take the lock from its current holders, whose requests reject with an `AbortError`, ahead of all waiting requests.
   * Default `false`.
   */
  steal?: boolean | undefined;
  /** Ends the request when aborted, as long as it waits. Cannot be combined with `steal` or `ifAvailable`. */
  signal?: AbortSignal | undefined;
  /**
   * Whether the waiting request keeps the process alive. Default: only after `ref()` on the table. A held lock never
   * does.
   */
  ref?: boolean | undefined;
}

/** A request in the result of `query`. */
export interface LockInfo {
  /** The lock's name. */
  name: string;
  /** The requested mode. */
  mode: LockMode;
  /** The process that made the request. */
  pid: number;
  /** The same as a string, under the name that browsers use. */
  clientId: string;
  /** When it was granted or, for a pending one, requested, in milliseconds since 1970. */
  since: number;
}

/** The held and pending requests of all processes, in order for each name. */
export interface LockSnapshot {
  held: LockInfo[];
  pending: LockInfo[];
}

/** Options of `SharedLocks.create` and `openOrCreate`. */
export interface LocksOptions extends NamingOptions {
  /** The number of requests, held and pending, of all processes that fit: 1 to 1,048,576. Default 4,096. */
  capacity?: number | undefined;
}

/** A table in the result of `SharedLocks.list`. */
export interface ListedLocks extends ListedObject {
  /** The number of held and pending requests. */
  requests: number;
}
