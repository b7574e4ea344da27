// What the package uses of its realm and of Node's clock and timers, taken once, when it is loaded: programs replace them
// later, above all tests with fake timers. A wait must end in real time, and no replaced constructor may get memory that
// other processes share. The linter refuses the global names in the other files.
import timers from 'node:timers';

export const clearImmediate: typeof timers.clearImmediate = timers.clearImmediate;
export const clearInterval: typeof timers.clearInterval = timers.clearInterval;
export const clearTimeout: typeof timers.clearTimeout = timers.clearTimeout;
export const setImmediate: typeof timers.setImmediate = timers.setImmediate;
export const setInterval: typeof timers.setInterval = timers.setInterval;
export const setTimeout: typeof timers.setTimeout = timers.setTimeout;

const { hrtime } = process;
/** Returns the milliseconds of a monotonic clock. `performance` would take a millisecond to load. */
export function now(): number {
  const [seconds, nanoseconds] = hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

export const Date: typeof globalThis.Date = globalThis.Date;
/** Returns the milliseconds since 1970 by the wall clock. */
export const wallClock: () => number = Date.now;
/** Returns the milliseconds since 1970 of a `Date`. */
export const timeOf: (date: Date) => number = Function.prototype.call.bind(Date.prototype.getTime);

export const AbortController: typeof globalThis.AbortController = globalThis.AbortController;
export const ArrayBuffer: typeof globalThis.ArrayBuffer = globalThis.ArrayBuffer;
export const Atomics: typeof globalThis.Atomics = globalThis.Atomics;
export const BigUint64Array: typeof globalThis.BigUint64Array = globalThis.BigUint64Array;
export const DOMException: typeof globalThis.DOMException = globalThis.DOMException;
export const Float64Array: typeof globalThis.Float64Array = globalThis.Float64Array;
export const Int32Array: typeof globalThis.Int32Array = globalThis.Int32Array;
/** A web page's thread, as in a preload script of Electron, has none. */
export const SharedArrayBuffer: typeof globalThis.SharedArrayBuffer | undefined = globalThis.SharedArrayBuffer;
export const Uint8Array: typeof globalThis.Uint8Array = globalThis.Uint8Array;
export const Uint32Array: typeof globalThis.Uint32Array = globalThis.Uint32Array;
export const WeakSet: typeof globalThis.WeakSet = globalThis.WeakSet;
