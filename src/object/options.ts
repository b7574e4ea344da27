// Options that all kinds of named objects have: checked once, and converted to base units.
import { wrongType, wrongValue } from '../addon/errors.js';
import { checkBoolean, checkInteger, checkObject, checkString } from '../arguments/check.js';
import type { DirectoryOptions, TrustedUids } from '../types.js';
import type { NamingOptions, ObjectHandleOptions, ObjectOpenOptions } from './named-types.js';
import type { NativeOptions } from './native-kind.js';

/** Checks the options of calls that work on names alone. */
export function directoryOptions(argument: unknown): NativeOptions {
  return handleOptions(checkObject<DirectoryOptions>('options', argument));
}

/** Checks the options of all calls that open an object. */
export function handleOptions({ dir, trustUids }: Partial<ObjectHandleOptions>): NativeOptions {
  return { dir: directory(dir), trustUids: trustUids === undefined ? undefined : trusted(trustUids) };
}

/** Checks the options of `open`. */
export function openOptions(argument: unknown): NativeOptions {
  const options = checkObject<ObjectOpenOptions>('options', argument);
  return { ...handleOptions(options), readOnly: checkBoolean('options.readOnly', options.readOnly) };
}

/** Checks the options of `create` and `openOrCreate`. */
export function namingOptions(options: Partial<NamingOptions>): NativeOptions {
  return {
    ...handleOptions(options),
    persist: checkBoolean('options.persist', options.persist),
    replace: checkBoolean('options.replace', options.replace),
    mode: options.mode === undefined ? undefined : checkInteger('options.mode', options.mode, 0, 0o777),
  };
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
