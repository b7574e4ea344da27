// What all kinds of named objects but dictionaries have in common: opening, names, and their end.
import { checkBoolean, checkInteger, checkObject, checkString } from '../arguments/check.js';
import { wrongType } from '../addon/errors.js';
import { ObjectHandle } from './handle.js';
import { type HandleId, native, type NativeKind, type NativeOptions } from '../addon/native.js';
import { directory, directoryOption, uids } from '../arguments/options.js';
import { endWaitsFor, notifyLocal } from './wait-queue.js';
import type { ListedObject, NamingOptions, ObjectOpenOptions } from './named-types.js';

/** An open object of some kind. Its methods use `id`, which the addon knows as "closed" once it is 0. */
export abstract class NamedObject {
  readonly #handle: ObjectHandle;

  /** Not for users: the static methods of each class are. */
  constructor(handle: ObjectHandle) {
    if (!(handle instanceof ObjectHandle)) throw wrongType('handle', 'made by create, open or openOrCreate', handle);
    this.#handle = handle;
  }

  /** The addon's number of an object's handle. */
  protected static idOf(object: NamedObject): HandleId {
    return object.#handle.id;
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

  get closed(): boolean {
    return this.#handle.id === 0;
  }

  close(): void {
    this.#handle.close();
    endWaitsFor(this);
    notifyLocal(this);
  }

  declare [Symbol.dispose]: NamedObject['close'];
}

Object.defineProperty(NamedObject.prototype, Symbol.dispose, { value: NamedObject.prototype.close, writable: true, configurable: true });

/** A new object. */
export function create<Own extends NativeOptions>(kind: NativeKind<Own>, name: string, options: Own): ObjectHandle {
  return new ObjectHandle(name, kind.create(checkString('name', name), options), native.closeNamed);
}

/** An object that exists. */
export function open<Own extends NativeOptions>(
  kind: NativeKind<Own>,
  name: string,
  argument: unknown,
  close: (id: HandleId) => void = native.closeNamed,
): ObjectHandle {
  const options = checkObject<ObjectOpenOptions>('options', argument);
  const checked = { ...handleOptions(options), readOnly: checkBoolean('options.readOnly', options.readOnly) };
  return new ObjectHandle(name, kind.open(checkString('name', name), checked), close);
}

/** An object that exists, or a new one that nobody owns. */
export function openOrCreate<Own extends NativeOptions>(kind: NativeKind<Own>, name: string, options: Own): ObjectHandle {
  return new ObjectHandle(name, kind.openOrCreate(checkString('name', name), options), native.closeNamed);
}

export function unlink(kind: Pick<NativeKind<never>, 'unlink'>, name: string, options: unknown): boolean {
  return kind.unlink(checkString('name', name), directoryOption(options));
}

export function prune(kind: Pick<NativeKind<never>, 'prune'>, options: unknown): string[] {
  return kind.prune(directoryOption(options));
}

/** What is there, without the count, which each kind calls by another name. */
export function list(kind: Pick<NativeKind<never>, 'list'>, options: unknown): Array<ListedObject & { entries: number }> {
  return kind.list(directoryOption(options));
}

/** Options that all kinds have when they are made. */
export function namingOptions(options: Partial<NamingOptions>): NativeOptions {
  return {
    ...handleOptions(options),
    persist: checkBoolean('options.persist', options.persist),
    replace: checkBoolean('options.replace', options.replace),
    mode: options.mode === undefined ? undefined : checkInteger('options.mode', options.mode, 0, 0o777),
  };
}

function handleOptions({ dir, trustUids }: Partial<NamingOptions>): NativeOptions {
  return { dir: directory(dir), trustUids: trustUids === undefined ? undefined : uids(trustUids) };
}
