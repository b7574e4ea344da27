// The arguments of `request`, according to the Web Locks standard.
import { checkBoolean, checkFunction, checkString } from '../arguments/check.js';
import { checkOptions, type OptionNames } from '../arguments/options.js';
import { checkSignal } from '../arguments/signal.js';
import { wrongValue } from '../addon/errors.js';
import type { LockCallback, LockMode, LockRequestOptions } from './types.js';

const REQUEST_NAMES: OptionNames<LockRequestOptions> = { mode: true, ifAvailable: true, steal: true, signal: true, ref: true };

/** A checked request. */
export interface LockRequest {
  readonly name: string;
  readonly mode: LockMode;
  readonly ifAvailable: boolean;
  readonly steal: boolean;
  readonly signal: AbortSignal | undefined;
  readonly ref: boolean | undefined;
  readonly callback: LockCallback<unknown>;
}

/** Checks `request(name, callback)` and `request(name, options, callback)`. */
export function lockRequest(name: unknown, argument: unknown, last: unknown): LockRequest {
  const callback = last === undefined && typeof argument === 'function' ? argument : last;
  const options = callback === argument ? {} : checkOptions('options', argument, REQUEST_NAMES);
  const { mode = 'exclusive', signal, ref } = options;
  // The standard reserves such names.
  if (checkString('name', name).startsWith('-')) throw wrongValue('name', "must not start with '-'", name);
  checkFunction('callback', callback);
  if (mode !== 'exclusive' && mode !== 'shared') throw wrongValue('options.mode', "must be 'exclusive' or 'shared'", mode);
  checkSignal('options.signal', signal);
  const ifAvailable = checkBoolean('options.ifAvailable', options.ifAvailable) ?? false;
  const steal = checkBoolean('options.steal', options.steal) ?? false;
  checkBoolean('options.ref', ref);
  checkTogether(mode, ifAvailable, steal, signal);
  return { name: name as string, mode, ifAvailable, steal, signal, ref, callback: callback as LockCallback<unknown> };
}

function checkTogether(mode: LockMode, ifAvailable: boolean, steal: boolean, signal: AbortSignal | undefined): void {
  if (steal && ifAvailable) throw wrongValue('options.steal', 'must not be true together with ifAvailable', steal);
  if (steal && mode === 'shared') throw wrongValue('options.steal', 'must not be true for a shared lock', steal);
  if (signal && (steal || ifAvailable)) throw wrongValue('options.signal', 'must not be given with steal or ifAvailable', signal);
}
