export type { ListedObject, NamingOptions, ObjectHandleOptions, ObjectOpenOptions, WaitOptions } from '../dist/named-types.js';

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
