import type { ListedLocks, LockCallback, LockRequestOptions, LocksOptions, LockSnapshot } from '../dist/locks/types.js';
import type { DirectoryOptions } from '../dist/types.js';
import { type ObjectOpenOptions, WaitableObject } from './named-object.js';

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
 * The Web Locks API between processes and worker threads: locks by name, exclusive or shared, granted first come first
 * served per name. Requests of a process or worker thread that is gone vanish, and the next one who gets what it held is
 * told, once (`lock.ownerDied`).
 */
export class SharedLocks extends WaitableObject {
  private constructor();

  /** Makes a new table of locks, whose owner the handle is. Throws what `SharedSemaphore.create` throws. */
  static create(name: string, options?: LocksOptions): SharedLocks;
  /** Attaches to an existing table. Throws what `SharedSemaphore.open` throws. */
  static open(name: string, options?: ObjectOpenOptions): SharedLocks;
  /** Attaches, or creates atomically. Nobody is the owner: it lives until `unlink` or reboot. */
  static openOrCreate(name: string, options?: LocksOptions): SharedLocks;
  /** Removes a name; those who have it open go on. True if there was one. */
  static unlink(name: string, options?: DirectoryOptions): boolean;
  /** Removes all leftovers: owned, not `persist`, nobody alive attached. Their names. */
  static prune(options?: DirectoryOptions): string[];
  /** All tables of the directory. */
  static list(options?: DirectoryOptions): ListedLocks[];

  /**
   * Waits for the lock `name` (not starting with "-"; at most 288 stored bytes: one a code unit if all are at most 0xFF, else two), calls
   * `callback` with it, and holds it until what that returns has settled; its result. Rejects with an `AbortError` if
   * the signal fires while it waits, or if the lock is stolen while it is held: the callback goes on, but without the
   * lock. Throws `ERR_SHM_FULL` if all places of the table are taken, `ERR_SHM_TOO_LARGE`, `ERR_SHM_LOCK_TIMEOUT`.
   * O(requests of all processes).
   */
  request<T>(name: string, callback: LockCallback<T>): Promise<T>;
  request<T>(name: string, options: LockRequestOptions, callback: LockCallback<T>): Promise<T>;
  /** What is held and waited for by all processes that live. Not a snapshot. O(requests). */
  query(): LockSnapshot;
}
