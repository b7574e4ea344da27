// Public types of mutexes.
import type { ListedObject } from '../object/named-types.js';

/** A mutex in the result of `SharedMutex.list`. */
export interface ListedMutex extends ListedObject {
  /** Whether it has an owner, alive or dead. */
  locked: boolean;
}
