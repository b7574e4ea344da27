// Signals that end a wait.
import { wrongType } from '../addon/errors.js';

/** Checks a signal by its shape: one of another realm, or of a polyfill, is as good. One that tells no listener ends no wait. */
export function checkSignal(name: string, value: unknown): AbortSignal | undefined {
  if (value === undefined) return undefined;
  const isSignal = typeof value === 'object' && value !== null && 'aborted' in value && typeof (value as Partial<AbortSignal>).addEventListener === 'function';
  if (!isSignal) throw wrongType(name, 'an instance of AbortSignal', value);
  return value as AbortSignal;
}
