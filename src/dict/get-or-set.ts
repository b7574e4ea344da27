// Reads a value, or loads a missing one once.
import { AsyncResource } from 'node:async_hooks';
import { checkFinite, checkFunction, checkKey } from '../arguments/check.js';
import { checkOptions, type OptionNames } from '../arguments/options.js';
import { checkSignal } from '../arguments/signal.js';
import { abortError, outOfRange } from '../addon/errors.js';
import type { GetOrSetOptions } from '../types.js';
import { callFrame } from './call-frame.js';
import type { DictHandle } from './handle.js';
import { Load, loadOf, type Request, tell } from './load.js';
import { dict } from './native.js';
import { mayRefresh, noteRefresh } from './refresh-pauses.js';
import { valueOf } from './values.js';
import { expiryOption, laterExpiry, laterTtlOf } from './write-options.js';

const NAMES: OptionNames<GetOrSetOptions> = {
  ttl: true,
  expiresAt: true,
  staleFor: true,
  timeout: true,
  signal: true,
  onError: true,
};

type CheckedOptions = Pick<Request, 'ttl' | 'staleFor' | 'timeoutMs' | 'signal' | 'onError'>;

export async function getOrSet(handle: DictHandle, key: string, loader: unknown, argument: unknown): Promise<unknown> {
  checkKey(key);
  checkFunction('loader', loader);
  const options = checkedOptions(argument);
  if (options.signal?.aborted) throw abortError(options.signal);
  const found = options.staleFor > 0 ? findStale(handle, key, options, loader as Request['loader']) : valueOf(handle.read(key), handle.codec, key);
  if (found !== undefined) return found;
  const request = requestOf(handle, loader as Request['loader'], options);
  return (loadOf(handle, key) ?? new Load(key, request, 0)).wait(request);
}

function requestOf(handle: DictHandle, loader: Request['loader'], options: CheckedOptions): Request {
  return { handle, loader, context: new AsyncResource('shmkit.getOrSet'), ...options };
}

function checkedOptions(argument: unknown): CheckedOptions {
  if (typeof argument === 'number') return { ttl: laterTtlOf(argument), staleFor: 0, timeoutMs: undefined, signal: undefined, onError: undefined };
  const options = checkOptions<GetOrSetOptions>('options', argument, NAMES);
  const { staleFor, timeout, onError } = options;
  if (timeout !== undefined && checkFinite('options.timeout', timeout) < 0) throw outOfRange('options.timeout', '>= 0', timeout);
  if (onError !== undefined) checkFunction('options.onError', onError);
  return {
    ttl: laterExpiry(options, expiryOption(options)),
    staleFor: staleFor === undefined ? 0 : checkFinite('options.staleFor', staleFor),
    timeoutMs: timeout === undefined ? undefined : timeout * 1000,
    signal: checkSignal('options.signal', options.signal),
    onError,
  };
}

// Returns an expired value for a while, and makes one process load the new one in the background.
function findStale(handle: DictHandle, key: string, options: CheckedOptions, loader: Request['loader']): unknown {
  const { staleFor, onError } = options;
  const returned = dict.getStale(handle.id, key);
  if (returned === undefined) return undefined;
  const seconds = callFrame.seconds();
  if (seconds < -staleFor) return undefined;
  const value = valueOf(returned, handle.codec, key);
  if (seconds < 0 && !handle.readOnly && !loadOf(handle, key) && mayRefresh(handle, key)) {
    const lease = dict.leaseAcquire(handle.id, key);
    if (lease !== 0) refresh(handle, key, new Load(key, requestOf(handle, loader, options), lease), onError);
  }
  return value;
}

function refresh(handle: DictHandle, key: string, load: Load, onError: Request['onError']): void {
  load.result.then(
    (outcome) => noteRefresh(handle, key, 'shared' in outcome),
    (error: unknown) => {
      noteRefresh(handle, key, true);
      tell(onError, error, key);
    },
  );
}
