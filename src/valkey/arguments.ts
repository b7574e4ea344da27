// Checks of arguments, which fail as those of the package itself do.

/** Returns the error for an argument of the wrong type. */
export function wrongType(name: string, expected: string): Error {
  return Object.assign(new TypeError(`The ${title(name)} must be ${expected}`), { code: 'ERR_INVALID_ARG_TYPE' });
}

/** Returns the error for a value that no call can use. */
export function wrongValue(name: string, reason: string): Error {
  return Object.assign(new TypeError(`The ${title(name)} ${reason}`), { code: 'ERR_INVALID_ARG_VALUE' });
}

/** Returns the error for a value outside its range. */
export function outOfRange(name: string, range: string): Error {
  return Object.assign(new RangeError(`The value of "${name}" is out of range. It must be ${range}`), { code: 'ERR_OUT_OF_RANGE' });
}

/** Checks an options object with these names; `undefined` stands for an empty one. */
export function checkOptions<T extends object>(name: string, value: unknown, names: ReadonlyArray<keyof T & string>): Partial<T> {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null) throw wrongType(name, 'of type object');
  for (const option of Object.keys(value)) {
    if (!names.includes(option as keyof T & string)) throw wrongValue(name, `has no option ${JSON.stringify(option.slice(0, 64))}; there are ${names.join(', ')}`);
  }
  return value as Partial<T>;
}

export function checkString(name: string, value: unknown): string {
  if (typeof value !== 'string') throw wrongType(name, 'of type string');
  return value;
}

export function checkFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw wrongType(name, 'of type function');
}

/** Checks a number that is neither NaN nor infinite. */
export function checkFinite(name: string, value: unknown): number {
  if (typeof value !== 'number') throw wrongType(name, 'of type number');
  if (!Number.isFinite(value)) throw outOfRange(name, 'a finite number');
  return value;
}

/** Checks a finite number of seconds that is not negative. */
export function checkSeconds(name: string, value: unknown): number {
  const seconds = checkFinite(name, value);
  if (seconds < 0) throw outOfRange(name, 'at least 0');
  return seconds;
}

/** Checks an integer that is at least `least`. */
export function checkInteger(name: string, value: unknown, least: number): number {
  if (typeof value !== 'number') throw wrongType(name, 'of type number');
  if (!Number.isSafeInteger(value) || value < least) throw outOfRange(name, `an integer >= ${least}`);
  return value;
}

/** Checks an operand of `for...of`; strings are refused. */
export function checkIterable<T>(name: string, value: unknown): Iterable<T> {
  const isIterable = typeof value === 'object' && value !== null && Symbol.iterator in value;
  if (!isIterable) throw wrongType(name, 'an iterable object');
  return value as Iterable<T>;
}

/** Checks a signal, of this realm or another. */
export function checkSignal(name: string, value: unknown): AbortSignal | undefined {
  if (value === undefined) return undefined;
  if (!isSignal(value)) throw wrongType(name, 'an instance of AbortSignal');
  return value;
}

function isSignal(value: unknown): value is AbortSignal {
  if (typeof value !== 'object' || value === null || !('aborted' in value)) return false;
  const { addEventListener, removeEventListener } = value as Partial<AbortSignal>;
  return typeof addEventListener === 'function' && typeof removeEventListener === 'function';
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
