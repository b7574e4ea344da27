// Public types of locks by name.
import type { ListedObject, NamingOptions } from '../object/named-types.js';

export type LockMode = 'exclusive' | 'shared';

/** A lock that is held. */
export interface Lock {
  readonly name: string;
  readonly mode: LockMode;
  /** Larger than that of every earlier grant of this table: a fencing token. */
  readonly token: bigint;
  /**
   * A holder of this name went without releasing it: its process was killed or ended, its worker thread ended, or it closed
   * its handle. What the lock protects may be half done. The first grant after that says so, exclusive or shared, and no other.
   */
  readonly ownerDied: boolean;
}

/** What runs while a lock is held; it gets `null` with `ifAvailable` if somebody else has the lock. */
export type LockCallback<T> = (lock: Lock | null) => T | PromiseLike<T>;

/** Options of `SharedLocks.request`. */
export interface LockRequestOptions {
  /** Default `'exclusive'`. */
  mode?: LockMode | undefined;
  /** Do not wait: the callback gets `null` if the lock cannot be had at once. */
  ifAvailable?: boolean | undefined;
  /** Take the lock from those who hold it, whose requests reject with an `AbortError`, and before all who wait. */
  steal?: boolean | undefined;
  /** Gives up the request as long as it waits. Not together with `steal` or `ifAvailable`. */
  signal?: AbortSignal | undefined;
  /**
   * Whether the wait keeps the process from ending when it has nothing else to do. Default: only after `ref()` of the
   * table. Nothing that is held does.
   */
  ref?: boolean | undefined;
}

/** One line of `query`. */
export interface LockInfo {
  name: string;
  mode: LockMode;
  /** The process, and under the name that browsers use the same as a string. */
  pid: number;
  clientId: string;
}

/** Held and pending requests of all processes, those of a name in their order. */
export interface LockSnapshot {
  held: LockInfo[];
  pending: LockInfo[];
}

/** Options of `SharedLocks.create` and `openOrCreate`. */
export interface LocksOptions extends NamingOptions {
  /** How many requests of all processes there is room for, held and pending: 1 to 1,048,576, default 4,096. */
  capacity?: number | undefined;
}

/** One line of `SharedLocks.list`. */
export interface ListedLocks extends ListedObject {
  /** Held and pending ones. */
  requests: number;
}
