export type { ListedObject, NamingOptions, ObjectHandleOptions, ObjectOpenOptions, WaitOptions } from '../dist/object/named-types.js';

/** What all named objects have in common. Worker threads open the same objects as other processes do. */
export abstract class NamedObject {
  protected constructor();

  /** The name it was opened by. */
  readonly name: string;
  /** The file it lies in. */
  readonly path: string;
  /** True if closing removes the name (unless `persist`). */
  readonly owner: boolean;
  readonly readOnly: boolean;
  readonly closed: boolean;
  /** Detaches; an owner's name is removed. What still waits rejects with `ERR_SHM_CLOSED`. Idempotent. */
  close(): void;
  [Symbol.dispose](): void;
}

/** A named object that one can wait for without blocking. */
export abstract class WaitableObject extends NamedObject {
  /**
   * Lets the waits for it through this handle, the pending ones as well, keep the process from ending when it has nothing
   * else to do; their option `ref` goes before. Without it only those with a `timeout` do.
   */
  ref(): this;
  /** Takes `ref` back. */
  unref(): this;
}
