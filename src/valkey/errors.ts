// Errors of the connection and of the server, in the form of this package's own.
import { ShmError } from 'shmkit';
import type { Secrets } from './secrets.js';

/** Returns the error of a call that failed at or on the way to the server. */
export function remoteError(thrown: unknown, secrets: Secrets, key?: string): Error {
  if (thrown instanceof ShmError) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const error = fromReply(text) ?? new ShmError('ERR_SHM_REMOTE', `The server cannot be used: ${describe(thrown, secrets)}`);
  return Object.assign(error, error.code === 'ERR_SHM_REMOTE' ? { cause: copyOf(thrown, secrets) } : {}, key === undefined ? {} : { key });
}

function fromReply(text: string): ShmError | undefined {
  if (text.startsWith('WRONGTYPE')) return new ShmError('ERR_SHM_WRONG_TYPE', 'The value on the server has another type than this call works on');
  if (text.startsWith('SHMOVERFLOW')) return new ShmError('ERR_SHM_OVERFLOW', 'The result cannot be stored; the value is unchanged');
  if (text.startsWith('SHMTOOLARGE')) return new ShmError('ERR_SHM_TOO_LARGE', `The value on the server has more than "maxValueSize" bytes: ${text.slice(12, 32).replace(/\D.*/, '')}`);
  return undefined;
}

function describe(thrown: unknown, secrets: Secrets): string {
  const { message, code, errors } = thrown as { message?: string; code?: string; errors?: unknown[] };
  const text = message || code || (Array.isArray(errors) ? String((errors[0] as Error | undefined)?.message) : String(thrown));
  return secrets.redact(text);
}

/** Returns an error of the client's own class, with what tells what happened and nothing of the command. */
function copyOf(thrown: unknown, secrets: Secrets): unknown {
  if (!(thrown instanceof Error)) return secrets.redact(String(thrown));
  const copy = Object.create(Object.getPrototypeOf(thrown) as object) as Error;
  const define = (name: string, value: unknown): unknown => Object.defineProperty(copy, name, { value, writable: true, configurable: true, enumerable: false });
  define('message', describe(thrown, secrets));
  define('stack', secrets.redact(String(thrown.stack)));
  for (const name of ['code', 'errno', 'syscall'] as const) {
    const value = (thrown as NodeJS.ErrnoException)[name];
    if (value !== undefined) define(name, value);
  }
  return copy;
}
