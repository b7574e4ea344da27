// Options of handles that store values: how objects are stored, and which values are decoded.
import { checkOptions, type OptionNames } from '../arguments/options.js';
import type { ObjectOpenOptions } from '../object/named-types.js';
import type { NativeOptions } from '../object/native-kind.js';
import { OPEN_NAMES, openOptionsOf } from '../object/options.js';
import type { ValueOptions } from '../types.js';
import { codecOf, type HandleCodec } from './codecs.js';

export const VALUE_NAMES: OptionNames<ValueOptions> = { codec: true, accept: true };
const OPEN_VALUE_NAMES: OptionNames<ObjectOpenOptions & ValueOptions> = { ...OPEN_NAMES, ...VALUE_NAMES };

/** Checked options of a call that opens an object with values. */
export interface ValueHandleOptions extends NativeOptions {
  codec: HandleCodec;
}

/** Checks the options of `open`. */
export function openValueOptions(argument: unknown): ValueHandleOptions {
  const given = checkOptions('options', argument, OPEN_VALUE_NAMES);
  return { ...openOptionsOf(given), codec: codecOf(given.codec, given.accept) };
}
