// The static methods of all classes of named objects.
import { wrongValue } from '../addon/errors.js';
import { checkString } from '../arguments/check.js';
import type { NamedObject } from './named-object.js';
import type { NativeKind, NativeListed, NativeOptions, Opened } from './native-kind.js';
import { directoryOptions, openOptions, pruneOptions } from './options.js';

/** The static methods of a class. `Arguments` are those of `create` and `openOrCreate` after the name. */
export interface KindStatics<Shared extends NamedObject, Arguments extends unknown[], Listed> {
  create(name: string, ...rest: Arguments): Shared;
  open(name: string, options?: unknown): Shared;
  openOrCreate(name: string, ...rest: Arguments): Shared;
  unlink(name: string, options?: unknown): boolean;
  prune(options?: unknown): string[];
  list(options?: unknown): Listed[];
}

/** The differences between kinds. */
interface KindDescription<Shared extends NamedObject, Arguments extends unknown[], Listed, Options extends NativeOptions> {
  readonly native: NativeKind<NoInfer<Options>>;
  /** Checks the options of `openOrCreate`, and of `create` unless it has a function of its own. */
  readonly options: (...rest: Arguments) => Options;
  readonly createOptions?: (...rest: Arguments) => Options;
  readonly openOptions?: (argument: unknown) => Options;
  /** Returns an object for an open handle. */
  readonly make: (name: string, opened: Opened, options: Options) => Shared;
  /** Renames the count of a listed object to the kind's own name for it. */
  readonly listed: (line: NativeListed) => Listed;
}

export function kindStatics<Shared extends NamedObject, Arguments extends unknown[], Listed, Options extends NativeOptions>(
  kind: KindDescription<Shared, Arguments, Listed, Options>,
): KindStatics<Shared, Arguments, Listed> {
  const { native, options, createOptions = options, openOptions: optionsToOpen = openOptions, make, listed } = kind;
  const opened = (open: (name: string, options: Options) => Opened, name: string, check: () => Options) => {
    checkString('name', name);
    const checked = check();
    return make(name, open(name, checked), checked);
  };
  return {
    create: (name, ...rest) => opened(native.create, name, () => withoutOnMismatch(createOptions(...rest))),
    open: (name, argument) => opened(native.open, name, () => optionsToOpen(argument) as Options),
    openOrCreate: (name, ...rest) => opened(native.openOrCreate, name, () => withoutReplace(options(...rest))),
    unlink: (name, argument) => native.unlink(checkString('name', name), directoryOptions(argument)),
    prune: (argument) => native.prune(pruneOptions(argument)),
    list: (argument) => native.list(directoryOptions(argument)).map(listed),
  };
}

function withoutOnMismatch<Options extends NativeOptions>(checked: Options): Options {
  const { onMismatch } = checked;
  if (onMismatch !== undefined) throw wrongValue('options.onMismatch', 'is an option of openOrCreate, not of create', onMismatch);
  return checked;
}

// Of several workers that start at once, each would replace the object of the others.
function withoutReplace<Options extends NativeOptions>(checked: Options): Options {
  if (checked.replace) throw wrongValue('options.replace', 'cannot be true for openOrCreate, only for create', true);
  return checked;
}
