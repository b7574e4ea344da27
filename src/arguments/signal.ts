// Signals that end a wait.
import { wrongType } from '../addon/errors.js';

/** Checks a signal as Node's own functions do: one of another realm, or of a polyfill, is as good. */
export function checkSignal(name: string, value: unknown): AbortSignal | undefined {
  if (value === undefined) return undefined;
  const isSignal = typeof value === 'object' && value !== null && 'aborted' in value;
  if (!isSignal) throw wrongType(name, 'an instance of AbortSignal', value);
  return value as AbortSignal;
}
