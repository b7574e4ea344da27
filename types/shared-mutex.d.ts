import type { ListedMutex, MutexHolder } from '../dist/mutex/types.js';
import type { DirectoryOptions } from '../dist/types.js';
import { type NamingOptions, type ObjectOpenOptions, type PruneOptions, WaitableObject, type WaitOptions } from './named-object.js';

export type { ListedMutex, MutexHolder } from '../dist/mutex/types.js';

/**
 * A mutex across processes and worker threads. When its owner's process dies, or its worker thread ends, the next owner
 * gets the mutex and learns of it from `guard.ownerDied`. The mutex is never taken from a live owner.
 *
 * It is not recursive, and waiters are not served in any particular order.
 */
export class SharedMutex extends WaitableObject {
  private constructor();

  /**
   * Creates a mutex. The returned handle is its owner: when the handle is closed or collected, or its process or worker
   * ends, the name is removed. Other handles keep working. If a signal ends the process, SIGTERM included, the name
   * stays as a leftover until the next `create` of the name, or `prune`; a handler that calls `process.exit` removes
   * it.
   *
   * Throws `ERR_SHM_EXISTS`, `ERR_SHM_NO_SPACE`, `ERR_SHM_INVALID_NAME`, `ERR_SHM_ACCESS`.
   */
  static create(name: string, options?: NamingOptions): SharedMutex;
  /**
   * Opens an existing mutex.
   *
   * Throws `ERR_SHM_NOT_FOUND`, `ERR_SHM_LAYOUT`, `ERR_SHM_UNTRUSTED`, `ERR_SHM_ACCESS`,
   * `ERR_SHM_TOO_MANY_PROCESSES`, `ERR_SHM_INVALID_NAME`.
   */
  static open(name: string, options?: ObjectOpenOptions): SharedMutex;
  /**
   * Opens a mutex, or creates it if the name is free, atomically. It has no owner: it lives until `unlink` or the next
   * reboot.
   *
   * Throws what `create` and `open` throw.
   */
  static openOrCreate(name: string, options?: NamingOptions): SharedMutex;
  /** Removes a name and returns whether it existed. Handles that have the mutex open keep working. */
  static unlink(name: string, options?: DirectoryOptions): boolean;
  /** Removes stale mutexes (owner gone, not `persist`, no live process attached) and returns their names. */
  static prune(options?: PruneOptions): string[];
  /** Returns all mutexes in the directory. */
  static list(options?: DirectoryOptions): ListedMutex[];

  /**
   * The live owner's process, by its own account, and the time of its acquisition; `null` if the mutex is free or its owner
   * dead. O(1).
   */
  readonly holder: MutexHolder | null;
  /**
   * Waits until the mutex is free or its owner is dead, acquires it and returns a guard, or `null` if the timeout passed.
   * Does not block the event loop.
   *
   * Rejects with an `AbortError` if the signal fires, and then has not acquired the mutex.
   */
  lock(options?: WaitOptions): Promise<MutexGuard | null>;
  /** Acquires the mutex if it is free or its owner is dead, and returns a guard, otherwise `null`. O(1). */
  tryLock(): MutexGuard | null;
  /**
   * Like `lock`, but blocks this thread; a number stands for `{ timeout }`. A signal that has already fired throws an
   * `AbortError`.
   *
   * Throws `ERR_SHM_DEADLOCK` at once if a handle of this thread already holds the mutex and no timeout is given.
   */
  lockSync(options?: WaitOptions | number): MutexGuard | null;
}

/**
 * A held mutex. Closing the handle, or the end of its thread or process, frees the mutex as well, and counts as the
 * owner's death.
 */
export interface MutexGuard {
  /** A fencing token: larger than the token of every earlier acquisition by any process. */
  readonly token: bigint;
  /** Whether the last owner ended without releasing the mutex, so that what it protects may be half finished. */
  readonly ownerDied: boolean;
  /** Whether `release` has been called. */
  readonly released: boolean;
  /** Releases the mutex. Idempotent. */
  release(): void;
  /** Same as `release`. */
  [Symbol.dispose](): void;
}
