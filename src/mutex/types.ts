// Public types of mutexes.
import type { ListedObject } from '../object/named-types.js';

/** A mutex in the result of `SharedMutex.list`. */
export interface ListedMutex extends ListedObject {
  /** Whether it has an owner, alive or dead. */
  locked: boolean;
}

/** The live owner of a mutex. */
export interface MutexHolder {
  /** Its process. */
  pid: number;
  /** When it acquired the mutex, in milliseconds since 1970, to within some milliseconds. */
  since: number;
}
