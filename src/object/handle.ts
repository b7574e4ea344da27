// An open handle, which closes by `close`, when it is collected, or when its thread ends.
import type { HandleId } from '../addon/native.js';
import { noteClosed, objectName, type ObjectName } from '../addon/errors.js';
import type { Opened } from './native-kind.js';

type Close = (id: HandleId) => void;

/** Closes handles that were collected without `close`. */
const collected = new FinalizationRegistry<{ close: Close; id: HandleId }>(({ close, id }) => close(id));

/** An open handle of any kind. */
export class ObjectHandle {
  /** The addon's number of the handle; 0 once closed, which the addon treats as closed. */
  id: HandleId;
  readonly name: string;
  /** What errors say of the object. */
  readonly object: ObjectName;
  readonly path: string;
  /** A random id, the same for all handles of one segment, even after its name is removed or taken by another. */
  readonly segment: string;
  readonly owner: boolean;
  readonly readOnly: boolean;
  readonly #close: Close;

  constructor(name: string, opened: Opened, close: Close) {
    this.id = opened.id;
    this.name = name;
    this.object = objectName(opened.kind, name);
    this.path = opened.path;
    this.segment = opened.segment;
    this.owner = opened.owner;
    this.readOnly = opened.readOnly;
    this.#close = close;
    collected.register(this, { close, id: opened.id }, this);
  }

  close(): void {
    const { id } = this;
    if (id === 0) return;
    const { object } = this;
    // Whatever uses the number afterwards fails, with an error that names the object.
    Object.defineProperty(this, 'id', {
      get() {
        noteClosed(object);
        return 0;
      },
    });
    collected.unregister(this);
    this.#close(id);
  }
}
