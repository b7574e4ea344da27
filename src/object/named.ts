// What all kinds of named objects but dictionaries have in common: opening, names, and their end.
import { checkBoolean, checkInteger, checkObject, checkString } from '../arguments/check.js';
import { wrongType } from '../addon/errors.js';
import { OpenHandle } from './handle.js';
import { type HandleId, native, type NativeKind, type NativeOptions } from '../addon/native.js';
import { directory, directoryOption, uids } from '../arguments/options.js';
import { endWaitsFor, given } from './waits.js';
import type { ListedObject, NamingOptions, ObjectOpenOptions } from './named-types.js';

/** An open object of some kind. Its methods use `id`, which the addon knows as "closed" once it is 0. */
export abstract class Named {
  readonly #handle: OpenHandle;

  /** Not for users: the static methods of each class are. */
  constructor(handle: OpenHandle) {
    if (!(handle instanceof OpenHandle)) throw wrongType('handle', 'made by create, open or openOrCreate', handle);
    this.#handle = handle;
  }

  /** The addon's number of an object's handle. */
  protected static idOf(object: Named): HandleId {
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
    given(this);
  }

  declare [Symbol.dispose]: Named['close'];
}

Object.defineProperty(Named.prototype, Symbol.dispose, { value: Named.prototype.close, writable: true, configurable: true });

/** A new object. */
export function create<Own extends NativeOptions>(kind: NativeKind<Own>, name: string, options: Own): OpenHandle {
  return new OpenHandle(name, kind.create(checkString('name', name), options), native.closeNamed);
}

/** An object that exists. */
export function open<Own extends NativeOptions>(
  kind: NativeKind<Own>,
  name: string,
  argument: unknown,
  close: (id: HandleId) => void = native.closeNamed,
): OpenHandle {
  const options = checkObject<ObjectOpenOptions>('options', argument);
  const checked = { ...handleOptions(options), readOnly: checkBoolean('options.readOnly', options.readOnly) };
  return new OpenHandle(name, kind.open(checkString('name', name), checked), close);
}

/** An object that exists, or a new one that nobody owns. */
export function openOrCreate<Own extends NativeOptions>(kind: NativeKind<Own>, name: string, options: Own): OpenHandle {
  return new OpenHandle(name, kind.openOrCreate(checkString('name', name), options), native.closeNamed);
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
