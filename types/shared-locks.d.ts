import type { ListedLocks, LockCallback, LockRequestOptions, LocksOptions, LockSnapshot } from '../dist/locks/types.js';
import type { DirectoryOptions } from '../dist/types.js';
import { type ObjectOpenOptions, type PruneOptions, WaitableObject } from './named-object.js';

export type {
  ListedLocks,
  Lock,
  LockCallback,
  LockInfo,
  LockMode,
  LockRequestOptions,
  LocksOptions,
  LockSnapshot,
} from '../dist/locks/types.js';

/**
 * The Web Locks API across processes and worker threads: a table of locks by name, exclusive or shared, granted first
 * come, first served for each name.
 *
 * Requests of a process or worker thread that has ended disappear. The next holder of a lock that it held learns of it,
 * exactly once, from `lock.ownerDied`.
 */
export class SharedLocks extends WaitableObject {
  private constructor();

  /**
   * Creates a table of locks. The returned handle is its owner: when the handle is closed or collected, or its process
   * or worker ends, the name is removed. Other handles keep working. If a signal ends the process, SIGTERM included,
   * the name stays as a leftover until the next `create` of the name, or `prune`; a handler that calls `process.exit`
   * removes it.
   *
   * Throws `ERR_SHM_EXISTS`, `ERR_SHM_NO_SPACE`, `ERR_SHM_INVALID_NAME`, `ERR_SHM_ACCESS`.
   */
  static create(name: string, options?: LocksOptions): SharedLocks;
  /**
   * Opens an existing table.
   *
   * Throws `ERR_SHM_NOT_FOUND`, `ERR_SHM_LAYOUT`, `ERR_SHM_UNTRUSTED`, `ERR_SHM_ACCESS`,
   * `ERR_SHM_TOO_MANY_PROCESSES`, `ERR_SHM_INVALID_NAME`.
   */
  static open(name: string, options?: ObjectOpenOptions): SharedLocks;
  /**
   * Opens a table, or creates it if the name is free, atomically. It has no owner: it lives until `unlink` or the next
   * reboot.
   *
   * Throws `ERR_SHM_OPTIONS_MISMATCH` if it exists and was created with a different `capacity`, and everything that
   * `create` and `open` throw.
   */
  static openOrCreate(name: string, options?: LocksOptions): SharedLocks;
  /** Removes a name and returns whether it existed. Handles that have the table open keep working. */
  static unlink(name: string, options?: DirectoryOptions): boolean;
  /** Removes stale tables (owner gone, not `persist`, no live process attached) and returns their names. */
  static prune(options?: PruneOptions): string[];
  /** Returns all tables in the directory. */
  static list(options?: DirectoryOptions): ListedLocks[];

  /**
   * Waits for the lock `name`, calls `callback` with it, holds it until the callback's result has settled, and returns
   * that result. O(requests of all processes).
   *
   * A name has at most 288 stored bytes, one per code unit if all are at most 0xFF, otherwise two, and must not start
   * with "-".
   *
   * Rejects with an `AbortError` if the signal fires while the request waits, or if the lock is stolen while it is held;
   * the callback then carries on without the lock. Throws `ERR_SHM_FULL` if the table has no room for another request,
   * `ERR_SHM_TOO_LARGE` if the name is too long, and `ERR_SHM_LOCK_TIMEOUT`.
   */
  request<T>(name: string, callback: LockCallback<T>): Promise<T>;
  request<T>(name: string, options: LockRequestOptions, callback: LockCallback<T>): Promise<T>;
  /** Returns the held and pending requests of all live processes. Not a snapshot. O(requests). */
  query(): LockSnapshot;
}
