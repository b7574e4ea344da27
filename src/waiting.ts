// Options of calls that wait.
import { checkFinite } from './check.js';
import { abortError, outOfRange, wrongType } from './errors.js';

/** How long a call waits. */
export interface WaitOptions {
  /** Seconds to wait at most; default: as long as it takes. 0: not at all. */
  timeout?: number | undefined;
  /** Ends the wait: the promise rejects with an `AbortError`. */
  signal?: AbortSignal | undefined;
}

/** Options after checking. */
export interface Wait {
  /** On the clock of `performance.now`; `Infinity` for none. */
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
}

/** Checks, and starts the clock. Throws if the signal has fired already. */
export function startWait({ timeout, signal }: WaitOptions): Wait {
  if (signal !== undefined && !((signal as unknown) instanceof AbortSignal)) {
    throw wrongType('options.signal', 'an instance of AbortSignal', signal);
  }
  if (timeout !== undefined && checkFinite('options.timeout', timeout) < 0) {
    throw outOfRange('options.timeout', '>= 0', timeout);
  }
  if (signal?.aborted) throw abortError(signal);
  return { deadline: timeout === undefined ? Infinity : performance.now() + timeout * 1000, signal };
}
