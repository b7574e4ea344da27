import type { AcquireOptions, ListedSemaphore, SemaphoreOptions, SemaphoreHolder } from '../dist/semaphore/types.js';
import type { DirectoryOptions } from '../dist/types.js';
import { type ObjectOpenOptions, type PruneOptions, WaitableObject } from './named-object.js';

export type { AcquireOptions, ListedSemaphore, SemaphoreOptions, SemaphoreHolder } from '../dist/semaphore/types.js';

/**
 * A counting semaphore across processes and worker threads. Waiters are not served in any particular order. No wake-up
 * is ever lost, even if a waiter or a releasing process is killed.
 */
export class SharedSemaphore extends WaitableObject {
  private constructor();

  /**
   * Creates a semaphore with `initial` permits, at most 2^31 - 1. The returned handle is its owner: when the handle is
   * closed or collected, or its process or worker ends, the name is removed. Other handles keep working. If a signal
   * ends the process, SIGTERM included, the name stays as a leftover until the next `create` of the name, or `prune`; a
   * handler that calls `process.exit` removes it.
   *
   * With `holders: true`, the permits that a process has acquired and not released come back when it dies, exactly once.
   * Releasing more permits than the process holds adds new ones.
   *
   * Throws `ERR_SHM_EXISTS`, `ERR_SHM_NO_SPACE`, `ERR_SHM_INVALID_NAME`, `ERR_SHM_ACCESS`.
   */
  static create(name: string, initial: number, options?: SemaphoreOptions): SharedSemaphore;
  /**
   * Opens an existing semaphore.
   *
   * Throws `ERR_SHM_NOT_FOUND`, `ERR_SHM_LAYOUT`, `ERR_SHM_UNTRUSTED`, `ERR_SHM_ACCESS`,
   * `ERR_SHM_TOO_MANY_PROCESSES`, `ERR_SHM_INVALID_NAME`.
   */
  static open(name: string, options?: ObjectOpenOptions): SharedSemaphore;
  /**
   * Opens a semaphore, or creates it if the name is free, atomically. It has no owner: it lives until `unlink` or the
   * next reboot.
   *
   * Throws `ERR_SHM_OPTIONS_MISMATCH` if it exists and was created with a different `initial` or `holders`, and
   * everything that `create` and `open` throw.
   */
  static openOrCreate(name: string, initial: number, options?: SemaphoreOptions): SharedSemaphore;
  /** Removes a name and returns whether it existed. Handles that have the semaphore open keep working. */
  static unlink(name: string, options?: DirectoryOptions): boolean;
  /** Removes stale semaphores (owner gone, not `persist`, no live process attached) and returns their names. */
  static prune(options?: PruneOptions): string[];
  /** Returns all semaphores in the directory. */
  static list(options?: DirectoryOptions): ListedSemaphore[];

  /** The number of available permits. O(1). */
  readonly value: number;
  /**
   * The number of permits that have come back since the semaphore was created, each counted once, because the process or
   * worker thread that held them died or ended. Always 0 without `holders`. O(processes).
   *
   * It never decreases, and it grows before any process can acquire one of those permits: if it has grown since you last
   * read it, whatever the permits protect may be half finished.
   */
  readonly reclaimed: number;
  /**
   * Returns the live processes that hold permits, by their own account; always empty without `holders`. Not a snapshot.
   * O(processes).
   */
  holders(): SemaphoreHolder[];
  /** Acquires `n` permits (default 1) if that many are available, and returns whether it did. O(1). */
  tryAcquire(n?: number): boolean;
  /**
   * Waits until `n` permits (default 1) are available and acquires them all at once. Returns `true`, or `false` if the
   * timeout passed. Does not block the event loop.
   *
   * Rejects with an `AbortError` if the signal fires, and then has acquired nothing.
   */
  acquire(options?: AcquireOptions): Promise<boolean>;
  /**
   * Like `acquire`, but blocks this thread; a number stands for `{ timeout }`. The permits must be released by another thread
   * or process. A signal that has already fired throws an `AbortError`.
   */
  acquireSync(options?: AcquireOptions | number): boolean;
  /**
   * Adds `n` permits (default 1), wakes waiters, and returns the new value. O(1).
   *
   * Throws `ERR_OUT_OF_RANGE` if the value would exceed 2^31 - 1, and then has added nothing.
   */
  release(n?: number): number;
}
