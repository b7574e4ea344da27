import type { ListedMutex } from '../dist/mutex/types.js';
import type { DirectoryOptions } from '../dist/types.js';
import { type NamingOptions, type ObjectOpenOptions, WaitableObject, type WaitOptions } from './named-object.js';

export type { ListedMutex } from '../dist/mutex/types.js';

/**
 * A mutex between processes and worker threads. When its owner's process dies, or its worker thread ends, the next one
 * gets it and is told. It is never taken from the living. Nobody is served in order, and it cannot be locked twice.
 */
export class SharedMutex extends WaitableObject {
  private constructor();

  /** Makes a new mutex, whose owner the handle is. Throws what `SharedSemaphore.create` throws. */
  static create(name: string, options?: NamingOptions): SharedMutex;
  /** Attaches to an existing mutex. Throws what `SharedSemaphore.open` throws. */
  static open(name: string, options?: ObjectOpenOptions): SharedMutex;
  /** Attaches, or creates atomically. Nobody is the owner: it lives until `unlink` or reboot. */
  static openOrCreate(name: string, options?: NamingOptions): SharedMutex;
  /** Removes a name; those who have it open go on. True if there was one. */
  static unlink(name: string, options?: DirectoryOptions): boolean;
  /** Removes all leftovers: owned, not `persist`, nobody alive attached. Their names. */
  static prune(options?: DirectoryOptions): string[];
  /** All mutexes of the directory. */
  static list(options?: DirectoryOptions): ListedMutex[];

  /**
   * Waits until the mutex is free or its owner is dead, and takes it; `null` if the timeout passed. The event loop
   * stays free. Rejects with an `AbortError`, and then does not hold it.
   */
  lock(options?: WaitOptions): Promise<MutexGuard | null>;
  /** Takes the mutex if it is free or its owner is dead, else `null`. O(1). */
  tryLock(): MutexGuard | null;
  /**
   * `lock` that blocks this thread, for `timeout` seconds at most (default: as long as it takes). Throws
   * `ERR_SHM_LOCK_TIMEOUT` at once if this very handle holds it and there is no timeout.
   */
  lockSync(timeout?: number): MutexGuard | null;
}

/** A held mutex. Closing the handle, and the end of its thread or process, free the mutex too, as the owner's death. */
export interface MutexGuard {
  /** Larger than that of every earlier acquisition, by whomever: a fencing token. */
  readonly token: bigint;
  /** The last owner went without releasing it: what the mutex protects may be half done. */
  readonly ownerDied: boolean;
  /** True after `release`. */
  readonly released: boolean;
  /** Frees the mutex. Idempotent. */
  release(): void;
  [Symbol.dispose](): void;
}
