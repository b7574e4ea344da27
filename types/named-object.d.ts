export type { ListedObject, MismatchOptions, NamingOptions, ObjectHandleOptions, ObjectOpenOptions, PruneOptions, WaitOptions } from '../dist/object/named-types.js';

/** The base of all kinds of named objects. Worker threads open the same objects as other processes do. */
export abstract class NamedObject {
  protected constructor();

  /** The name by which the object was opened. */
  readonly name: string;
  /** The path of the file that holds the object. */
  readonly path: string;
  /** Whether closing this handle removes the name, unless `persist` is set. */
  readonly owner: boolean;
  /** Whether the handle was opened with `readOnly`. */
  readonly readOnly: boolean;
  /**
   * Whether the name still leads to this object: `false` once the name was removed (by `unlink`, by the owner's end, or by
   * others that delete the file), or leads to another object. The handle keeps working; to move on, close it and open the
   * name again. What shmkit removes is noticed at once; for what others remove, the directory is looked at when this is read
   * and the last look was a second ago. `false` after `close`.
   */
  readonly linked: boolean;
  /** Whether `close` has been called. */
  readonly closed: boolean;
  /** Closes the handle; if it is the owner, removes the name. Pending waits reject with `ERR_SHM_CLOSED`. Idempotent. */
  close(): void;
  /** Same as `close`. */
  [Symbol.dispose](): void;
}

/** A named object with calls that wait without blocking. */
export abstract class WaitableObject extends NamedObject {
  /**
   * Makes waits through this handle, pending ones included, keep the process alive; a wait's own option `ref` takes
   * precedence. Otherwise only waits with a `timeout` keep the process alive.
   */
  ref(): this;
  /** Undoes `ref`. */
  unref(): this;
}
