// Public types of semaphores.
import type { ListedObject, NamingOptions } from '../named-types.js';

/** Options of `SharedSemaphore.create` and `openOrCreate`. */
export interface SemaphoreOptions extends NamingOptions {}

/** One line of `SharedSemaphore.list`. */
export interface ListedSemaphore extends ListedObject {
  /** The permits there are. */
  value: number;
}
