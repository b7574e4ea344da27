// The error class, and the only place that makes errors, for TypeScript and the addon alike.
import { getSystemErrorMap, inspect, types } from 'node:util';
import type { ShmErrorCode } from './error-codes.js';

const BRAND = Symbol.for('shmkit.ShmError');

/** The object that a failed call was made on. */
export interface ObjectName {
  /** `'channel'`, `'dict'`, `'locks'`, `'mutex'`, `'queue'`, `'ring'`, `'segment'` or `'semaphore'`. */
  readonly kind: string;
  readonly name: string;
}

/** Details of an error that programs can read. */
export interface ErrorDetails {
  readonly object?: ObjectName | undefined;
  readonly key?: string;
  readonly needed?: number;
  readonly free?: number;
  readonly directory?: string;
  readonly size?: number;
  readonly limit?: number;
  readonly pid?: number;
  readonly segment?: string;
  readonly path?: string;
  readonly cause?: unknown;
}

/** A failed system call: its number if Node uses the same ones, its name, and the file. */
interface SystemDetails {
  readonly errno?: number;
  readonly system: string;
  readonly hint: string;
  readonly path?: string;
}

/** What the addon says of the call: the kind's part of file names and the name of its object, and its key. */
interface CallDetails {
  readonly kind?: string;
  readonly name?: string;
  readonly key?: string;
}

/** The kinds' names in messages. */
const TITLES: Record<string, string> = { dict: 'dictionary', locks: 'lock table' };

/** Returns the object of this name; `part` is the kind's part of file names. */
export function objectName(part: string, name: string): ObjectName {
  return { kind: part === 'sem' ? 'semaphore' : part, name };
}

/** The object of the closed handle that was last used. */
let lastClosed: ObjectName | undefined;

/** Records that a closed handle is being used: the addon cannot tell which. */
export function noteClosed(object: ObjectName): void {
  lastClosed = object;
}

function naming(message: string, { kind, name }: ObjectName): string {
  const quoted = JSON.stringify(name);
  return message.includes(quoted) ? message : `${message} (${TITLES[kind] ?? kind} ${quoted})`;
}

export class ShmError extends Error {
  readonly code: ShmErrorCode;

  constructor(code: ShmErrorCode, message: string, details: ErrorDetails = {}) {
    super(details.object === undefined ? message : naming(message, details.object));
    this.code = code;
    Object.assign(this, details);
  }

  // True for instances of a second copy of this package too, whose class is another one.
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this !== ShmError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === 'object' && value !== null && BRAND in value;
  }
}

Object.defineProperty(ShmError.prototype, 'name', { value: 'ShmError', writable: true, configurable: true });
Object.defineProperty(ShmError.prototype, BRAND, { value: true });

/** Makes an error; also called by the addon. `received` is passed only if showing the offending value helps. */
export function createError(code: string, message: string, details?: (ErrorDetails | SystemDetails) & CallDetails, ...received: unknown[]): Error {
  const text = received.length > 0 ? `${message}. Received ${describe(received[0])}` : message;
  const error = construct(code, text, details && withObject(code, details));
  // The stack starts with the call that failed, not with this function.
  Error.captureStackTrace(error, createError);
  return error;
}

function withObject(code: string, { kind, name, ...details }: (ErrorDetails | SystemDetails) & CallDetails): ErrorDetails | SystemDetails {
  const object = kind === undefined || name === undefined ? (code === 'ERR_SHM_CLOSED' ? lastClosed : undefined) : objectName(kind, name);
  return object === undefined ? details : { ...details, object };
}

/** Says on an error of this package which object and key it concerns, unless it says so already. */
export function aboutEntry(error: unknown, object: ObjectName | undefined, key: string | undefined): unknown {
  if (!(error instanceof ShmError) || object === undefined || 'object' in error) return error;
  error.message = naming(error.message, object);
  return Object.assign(error, { object }, key === undefined ? undefined : { key });
}

function construct(code: string, message: string, details?: ErrorDetails | SystemDetails): Error {
  switch (code) {
    case 'ERR_INVALID_ARG_TYPE':
    case 'ERR_INVALID_ARG_VALUE':
      return Object.assign(new TypeError(message), { code });
    case 'ERR_OUT_OF_RANGE':
      return Object.assign(new RangeError(message), { code });
    case 'SYSTEM':
      return systemError(Error, message, details as SystemDetails);
    case 'SYSTEM_OF_ENGINE':
      return systemError(ShmError, message, details as SystemDetails);
    default:
      return new ShmError(code as ShmErrorCode, message, details as ErrorDetails);
  }
}

// In the form of the errors that Node's own calls throw, with Node's numbers on Windows.
function systemError(Class: ErrorConstructor | typeof ShmError, syscall: string, details: SystemDetails & ErrorDetails): Error {
  const { errno, system, hint, path, object, key } = details;
  const known = [...getSystemErrorMap()].find(([number, [name]]) => (errno === undefined ? name === system : number === -errno));
  const [number, [code, text]] = known ?? [errno === undefined ? undefined : -errno, [system, 'unknown error']];
  const message = `${code}: ${text}, ${syscall}${path === undefined ? '' : ` '${path}'`}${hint}`;
  const error = Class === ShmError ? new ShmError(code as ShmErrorCode, message, { ...(object && { object }), ...(key !== undefined && { key }) }) : new Error(message);
  return Object.assign(error, { code, errno: number, syscall, ...(path !== undefined && { path }) });
}

/** Returns whether a value is an error, of this or another realm: those of Node and of the addon are of Node's own. */
export function isError(value: unknown): value is Error {
  return types.isNativeError(value) || value instanceof Error;
}

/** Returns the message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return isError(thrown) ? thrown.message : String(thrown);
}

/** Adds the file's path to a system error that `work` throws. */
export function aboutFile<T>(path: string | undefined, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (path !== undefined && isError(error) && 'syscall' in error && !('path' in error)) {
      error.message += ` '${path}'`;
      Object.assign(error, { path });
    }
    throw error;
  }
}

/** Returns the error for an argument of the wrong type. */
export function wrongType(name: string, expected: string, received: unknown): Error {
  return createError('ERR_INVALID_ARG_TYPE', `The ${title(name)} must be ${expected}`, undefined, received);
}

/** Returns the error for a value that no call can use. */
export function wrongValue(name: string, reason: string, received: unknown): Error {
  return createError('ERR_INVALID_ARG_VALUE', `The ${title(name)} ${reason}`, undefined, received);
}

/** Returns the error for a value outside its range. */
export function outOfRange(name: string, range: string, received: unknown): Error {
  return createError('ERR_OUT_OF_RANGE', `The value of "${name}" is out of range. It must be ${range}`, undefined, received);
}

/** Returns what an aborted call rejects with, in the form of Node's own calls. */
export function abortError(signal: AbortSignal): Error {
  const error = new Error('The operation was aborted', { cause: signal.reason });
  return Object.defineProperties(error, {
    name: { value: 'AbortError', configurable: true, writable: true },
    code: { value: 'ABORT_ERR', configurable: true, writable: true, enumerable: true },
  });
}

function title(name: string): string {
  return `"${name}" ${name.includes('.') ? 'property' : 'argument'}`;
}

// Calls no method of the value, which may be hostile or throw.
function describe(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object') return `type ${typeof value} (${shorten(inspect(value))})`;
  return Array.isArray(value) ? 'an array' : 'an object';
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}
