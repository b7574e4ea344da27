// Public types of semaphores.
import type { ListedObject, NamingOptions, WaitOptions } from '../object/named-types.js';

/** Options of `SharedSemaphore.create` and `openOrCreate`. */
export interface SemaphoreOptions extends NamingOptions {
  /**
   * Bring back the permits that a process holds when it dies, exactly once, and those that the handles of a worker thread
   * have acquired and not released when it ends. Acquiring and releasing then take a lock. Default `false`.
   */
  holders?: boolean | undefined;
}

/** Options of `SharedSemaphore.acquire`. */
export interface AcquireOptions extends WaitOptions {
  /** The number of permits to acquire, all at once. Default 1. */
  n?: number | undefined;
}

/** A semaphore in the result of `SharedSemaphore.list`. */
export interface ListedSemaphore extends ListedObject {
  /** The number of available permits. */
  value: number;
}

/** A process that holds permits. */
export interface SemaphoreHolder {
  pid: number;
  /** The permits that it holds. */
  permits: number;
}
