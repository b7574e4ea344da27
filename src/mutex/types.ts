// Public types of mutexes.
import type { ListedObject } from '../object/named-types.js';

/** One line of `SharedMutex.list`. */
export interface ListedMutex extends ListedObject {
  /** Whether somebody held it, alive or not. */
  locked: boolean;
}
