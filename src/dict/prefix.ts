// Removal of all keys that start with a prefix.
import { checkInteger, checkString } from '../arguments/check.js';
import { checkOptions, type OptionNames } from '../arguments/options.js';
import type { DictHandle } from './handle.js';
import { dict } from './native.js';
import type { DeletePrefixOptions } from './iteration-types.js';

const NAMES: OptionNames<DeletePrefixOptions> = { max: true };

/** Returns how many entries were removed. */
export function deletePrefix(handle: DictHandle, prefix: string, options: unknown): number {
  const { max = 0 } = checkOptions('options', options, NAMES);
  return dict.deletePrefix(handle.id, checkString('prefix', prefix), checkInteger('options.max', max, 0));
}
