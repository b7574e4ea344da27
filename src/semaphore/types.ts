// Public types of semaphores.
import type { ListedObject, NamingOptions, WaitOptions } from '../object/named-types.js';

/** Options of `SharedSemaphore.create` and `openOrCreate`. */
export interface SemaphoreOptions extends NamingOptions {
  /**
   * Permits held by a process that dies come back, exactly once; so do those of a worker thread that ends, as far as its
   * handles acquired and did not release them. Acquiring and releasing then take a lock. Default false.
   */
  holders?: boolean | undefined;
}

/** Options of `SharedSemaphore.acquire`. */
export interface AcquireOptions extends WaitOptions {
  /** How many permits, all at once. Default 1. */
  n?: number | undefined;
}

/** One line of `SharedSemaphore.list`. */
export interface ListedSemaphore extends ListedObject {
  /** The permits there are. */
  value: number;
}
