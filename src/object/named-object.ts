// The base class of all named objects.
import { type ObjectName, wrongType } from '../addon/errors.js';
import { type HandleId, native } from '../addon/native.js';
import { ObjectHandle } from './handle.js';
import { flags, ifKnown, showInspected } from './inspect.js';
import { Uncloneable } from './uncloneable.js';
import { endWaitsFor, notifyLocal } from './wait-queue.js';

/** An open object. Methods pass the handle's `id`, which the addon treats as closed once it is 0. */
export abstract class NamedObject extends Uncloneable {
  readonly #handle: ObjectHandle;

  /** Internal: users call the static methods of each class. */
  constructor(handle: ObjectHandle) {
    if (!(handle instanceof ObjectHandle)) throw wrongType('handle', 'made by create, open or openOrCreate', handle);
    super();
    this.#handle = handle;
  }

  /** Returns the addon's number of an object's handle. */
  protected static idOf(object: NamedObject): HandleId {
    return object.#handle.id;
  }

  /** Returns what errors say of an object. */
  protected static nameOf(object: NamedObject): ObjectName {
    return object.#handle.object;
  }

  get name(): string {
    return this.#handle.name;
  }

  get path(): string {
    return this.#handle.path;
  }

  get owner(): boolean {
    return this.#handle.owner;
  }

  get readOnly(): boolean {
    return this.#handle.readOnly;
  }

  get linked(): boolean {
    return native.isLinked(this.#handle.id);
  }

  get closed(): boolean {
    return this.#handle.id === 0;
  }

  close(): void {
    this.#handle.close();
    endWaitsFor(this, this.#handle.object);
    notifyLocal(this);
  }

  declare [Symbol.dispose]: NamedObject['close'];
}

Object.defineProperty(NamedObject.prototype, Symbol.dispose, { value: NamedObject.prototype.close, writable: true, configurable: true });
showInspected(NamedObject.prototype, (object) => {
  const { name, path, closed } = object;
  if (closed) return { name, path, closed };
  const { owner, readOnly } = object;
  return { name, path, ...flags({ owner, readOnly }), ...ifKnown(() => flags({ unlinked: !object.linked })) };
});

/** Sets what is shown of the open objects of a class besides names and flags. */
export function showOpened<Subject extends NamedObject>(prototype: Subject, factsOf: (object: Subject) => Record<string, unknown>): void {
  showInspected(prototype, (object) => (object.closed ? {} : ifKnown(() => factsOf(object))));
}
