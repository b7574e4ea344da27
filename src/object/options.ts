// Options that all kinds of named objects have: checked once, and converted to base units.
import { wrongType, wrongValue } from '../addon/errors.js';
import { checkBoolean, checkInteger, checkString } from '../arguments/check.js';
import { checkOptions, type OptionNames } from '../arguments/options.js';
import { bytesOf } from '../arguments/size.js';
import type { DirectoryOptions, Size, TrustedUids } from '../types.js';
import type { NamingOptions, ObjectHandleOptions, ObjectOpenOptions, PruneOptions } from './named-types.js';
import type { NativeOptions } from './native-kind.js';

const DIRECTORY_NAMES: OptionNames<DirectoryOptions> = { dir: true, trustUids: true };
/** The options of `prune` that all kinds have. */
export const PRUNE_NAMES: OptionNames<PruneOptions> = { ...DIRECTORY_NAMES, prefix: true };
/** The options of `open`. */
export const OPEN_NAMES: OptionNames<ObjectOpenOptions> = { readOnly: true, dir: true, trustUids: true, lock: true };
/** The options of `create` and `openOrCreate` that all kinds have. */
export const NAMING_NAMES: OptionNames<NamingOptions> = { persist: true, mode: true, replace: true, onMismatch: true, dir: true, trustUids: true, lock: true };

/** Checks the options of calls that work on names alone. */
export function directoryOptions(argument: unknown): NativeOptions {
  const options = checkOptions('options', argument, DIRECTORY_NAMES);
  return handleOptions(options);
}

/** Checks the options of `prune`. */
export function pruneOptions(argument: unknown): NativeOptions {
  return pruneOptionsOf(checkOptions('options', argument, PRUNE_NAMES));
}

/** Checks the options of `prune` in an object whose names are checked. */
export function pruneOptionsOf(options: Partial<PruneOptions>): NativeOptions {
  const prefix = options.prefix === undefined ? undefined : checkString('options.prefix', options.prefix);
  return { ...handleOptions(options), prefix };
}

/** Checks the options of all calls that open an object. */
export function handleOptions({ dir, trustUids, lock }: Partial<ObjectHandleOptions>): NativeOptions {
  return {
    dir: directory(dir),
    trustUids: trustUids === undefined ? undefined : trusted(trustUids),
    lock: checkBoolean('options.lock', lock),
  };
}

/** Checks the options of `open`. */
export function openOptions(argument: unknown): NativeOptions {
  return openOptionsOf(checkOptions('options', argument, OPEN_NAMES));
}

/** Checks the options of `open` in an object whose names are checked. */
export function openOptionsOf(options: Partial<ObjectOpenOptions>): NativeOptions {
  return { ...handleOptions(options), readOnly: checkBoolean('options.readOnly', options.readOnly) };
}

/** Checks the options of `create` and `openOrCreate` in an object whose names are checked. */
export function namingOptions(options: Partial<NamingOptions>): NativeOptions {
  return {
    ...handleOptions(options),
    persist: checkBoolean('options.persist', options.persist),
    replace: checkBoolean('options.replace', options.replace),
    onMismatch: options.onMismatch === undefined ? undefined : mismatchAction(options.onMismatch),
    mode: options.mode === undefined ? undefined : checkInteger('options.mode', options.mode, 0, 0o777),
  };
}

/** Options of creators that have a size, in bytes. */
export interface SizedNativeOptions extends NativeOptions {
  size?: number | undefined;
}

/**
 * Checks the options of creators that have a size; a number or a string is the size. Returns all that were given, of which only
 * the names are checked, and those that every kind has.
 */
export function sizedOptions<Options extends NamingOptions & { size?: Size | undefined }>(
  argument: unknown,
  names: OptionNames<Options>,
): [given: Partial<Options>, checked: SizedNativeOptions] {
  const isSize = typeof argument === 'number' || typeof argument === 'string';
  const given = isSize ? ({ size: argument } as Partial<Options>) : checkOptions('options', argument, names);
  const size = given.size === undefined ? undefined : bytesOf(isSize ? 'size' : 'options.size', given.size);
  return [given, { ...namingOptions(given), size }];
}

/** Refuses options without a size, which `create` needs. */
export function withSize<Options extends { size?: number | undefined }>(checked: Options): Options {
  if (checked.size === undefined) throw wrongType('options.size', 'a number or a string', undefined);
  return checked;
}

function mismatchAction(action: unknown): NativeOptions['onMismatch'] {
  if (action === 'error' || action === 'open' || action === 'replace') return action;
  throw wrongValue('options.onMismatch', "must be 'error', 'open' or 'replace'", action);
}

function directory(dir: unknown): string | undefined {
  if (dir === undefined) return undefined;
  const path = checkString('options.dir', dir);
  if (path === '' || path.includes('\0')) throw wrongValue('options.dir', 'must be a path without null bytes', dir);
  return path;
}

function trusted(list: unknown): TrustedUids {
  if (list === 'any') return list;
  if (!Array.isArray(list)) throw wrongType('options.trustUids', "an array of numbers or 'any'", list);
  return list.map((uid, index) => checkInteger(`options.trustUids[${index}]`, uid, 0, 2 ** 32 - 2));
}
