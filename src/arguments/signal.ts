// Signals that end a wait.
import { wrongType } from '../addon/errors.js';

/**
 * Checks a signal by its shape: one of another realm, or of a polyfill, is as good. One that tells no listener ends no wait,
 * and one that forgets no listener fails when a wait has ended, where no caller can catch it.
 */
export function checkSignal(name: string, value: unknown): AbortSignal | undefined {
  if (value === undefined) return undefined;
  if (!isSignal(value)) throw wrongType(name, 'an instance of AbortSignal', value);
  return value;
}

function isSignal(value: unknown): value is AbortSignal {
  if (typeof value !== 'object' || value === null || !('aborted' in value)) return false;
  const { addEventListener, removeEventListener } = value as Partial<AbortSignal>;
  return typeof addEventListener === 'function' && typeof removeEventListener === 'function';
}
