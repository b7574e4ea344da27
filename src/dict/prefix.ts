// Keys that start with a prefix.
import { checkInteger, checkString } from '../arguments/check.js';
import { createError } from '../addon/errors.js';
import { checkOptions, type OptionNames } from '../arguments/options.js';
import type { DictHandle } from './handle.js';
import { dict } from './native.js';
import type { DeletePrefixOptions } from './iteration-types.js';

const NAMES: OptionNames<DeletePrefixOptions> = { max: true };
const KEYS_NAMES: OptionNames<{ prefix?: string | undefined }> = { prefix: true };

/** Checks the options of `keys`, and returns the prefix. */
export function prefixOption(options: unknown): string | undefined {
  const { prefix } = checkOptions('options', options, KEYS_NAMES);
  return prefix === undefined ? undefined : checkString('options.prefix', prefix);
}

/** Refuses options of `values` and `entries`, which have none. Returns the prefix of what they go through: none. */
export function noPrefix(options: unknown): undefined {
  if (options === undefined) return undefined;
  throw createError('ERR_INVALID_ARG_VALUE', 'There are no options; keys({ prefix }) goes through a part of the keys', undefined, options);
}

/** Returns how many entries were removed. */
export function deletePrefix(handle: DictHandle, prefix: string, options: unknown): number {
  const { max = 0 } = checkOptions('options', options, NAMES);
  return dict.deletePrefix(handle.id, checkString('prefix', prefix), checkInteger('options.max', max, 0));
}
