import type { AcquireOptions, ListedSemaphore, SemaphoreOptions } from '../dist/semaphore/types.js';
import type { DirectoryOptions } from '../dist/types.js';
import { type ObjectOpenOptions, WaitableObject } from './named-object.js';

export type { AcquireOptions, ListedSemaphore, SemaphoreOptions } from '../dist/semaphore/types.js';

/**
 * A counting semaphore between processes and worker threads. Nobody is served in order, and no wake-up is ever lost,
 * also when a waiter or a releaser is killed.
 */
export class SharedSemaphore extends WaitableObject {
  private constructor();

  /**
   * Makes a new semaphore with `initial` permits, at most 2^31 - 1. The handle is its owner: when it closes, is
   * collected, or its process or worker ends, the name is removed; those who have it open go on.
   * With `holders: true`, permits held by a process that dies come back, exactly once: what it had acquired and not
   * released. Releasing more than one holds adds new ones.
   * Throws `ERR_SHM_EXISTS`, `ERR_SHM_NO_SPACE`, `ERR_SHM_INVALID_NAME`, `ERR_SHM_ACCESS`.
   */
  static create(name: string, initial: number, options?: SemaphoreOptions): SharedSemaphore;
  /**
   * Attaches to an existing semaphore. Throws `ERR_SHM_NOT_FOUND`, `ERR_SHM_LAYOUT`, `ERR_SHM_UNTRUSTED`,
   * `ERR_SHM_ACCESS`, `ERR_SHM_TOO_MANY_PROCESSES`, `ERR_SHM_INVALID_NAME`.
   */
  static open(name: string, options?: ObjectOpenOptions): SharedSemaphore;
  /**
   * Attaches, or creates atomically. Nobody is the owner: it lives until `unlink` or reboot. Throws
   * `ERR_SHM_OPTIONS_MISMATCH` if it exists and was made with another `initial` or other `holders`, and what the two others throw.
   */
  static openOrCreate(name: string, initial: number, options?: SemaphoreOptions): SharedSemaphore;
  /** Removes a name; those who have it open go on. True if there was one. */
  static unlink(name: string, options?: DirectoryOptions): boolean;
  /** Removes all leftovers: owned, not `persist`, nobody alive attached. Their names. */
  static prune(options?: DirectoryOptions): string[];
  /** All semaphores of the directory. */
  static list(options?: DirectoryOptions): ListedSemaphore[];

  /** The permits there are. O(1). */
  readonly value: number;
  /**
   * With `holders: true`, how many permits have come back since the semaphore was made, each counted once: from processes
   * that died or ended holding them, and from worker threads that did. It only grows, and before anybody gets one of those
   * permits: if it has grown since you last looked, what they protect may be half done. Without `holders` it is 0.
   * O(processes).
   */
  readonly reclaimed: number;
  /** Takes `n` permits (default 1) if there are as many; whether there were. O(1). */
  tryAcquire(n?: number): boolean;
  /**
   * Waits until there are `n` permits (default 1) and takes them all at once: true, or false if the timeout passed.
   * The event loop stays free. Rejects with an `AbortError`, and then has taken nothing.
   */
  acquire(options?: AcquireOptions): Promise<boolean>;
  /**
   * `acquire` of one permit that blocks this thread, for `timeout` seconds at most (default: as long as it takes).
   * Whoever is to release must not be this thread.
   */
  acquireSync(timeout?: number): boolean;
  /**
   * Adds `n` permits (default 1) and wakes those who wait; the new value. O(1). Throws `ERR_OUT_OF_RANGE` above
   * 2^31 - 1, and adds nothing then.
   */
  release(n?: number): number;
}
