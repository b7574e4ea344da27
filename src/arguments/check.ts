// Checks of arguments. Each returns the value with its type, or throws the error that Node itself would throw.
import { types } from 'node:util';
import { outOfRange, wrongType, wrongValue } from '../addon/errors.js';

/** Checks an options object; `undefined` stands for an empty one. */
export function checkObject<T extends object>(name: string, value: unknown): Partial<T> {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null) throw wrongType(name, 'of type object', value);
  return value as Partial<T>;
}

export function checkBoolean(name: string, value: unknown): boolean | undefined {
  if (value !== undefined && typeof value !== 'boolean') throw wrongType(name, 'of type boolean', value);
  return value;
}

export function checkString(name: string, value: unknown): string {
  if (typeof value !== 'string') throw wrongType(name, 'of type string', value);
  return value;
}

export function checkFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw wrongType(name, 'of type function', value);
}

/** Checks bytes that a call reads or fills. */
export function checkBytes(name: string, value: unknown): Uint8Array {
  if (!types.isUint8Array(value)) throw wrongType(name, 'an instance of Uint8Array', value);
  return value;
}

/** Checks a key, for calls that may not reach the addon. */
export function checkKey(key: unknown): string {
  if (typeof key !== 'string') throw wrongType('key', 'a non-empty string', key);
  if (key === '') throw wrongValue('key', 'must be a non-empty string', key);
  return key;
}

/** Checks an integer from `least` to `most`. */
export function checkInteger(name: string, value: unknown, least: number, most: number = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== 'number') throw wrongType(name, 'of type number', value);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw outOfRange(name, `an integer >= ${least} and <= ${most}`, value);
  }
  return value;
}

/** Checks a number that is neither NaN nor infinite. */
export function checkFinite(name: string, value: unknown): number {
  if (typeof value !== 'number') throw wrongType(name, 'of type number', value);
  if (!Number.isFinite(value)) throw outOfRange(name, 'a finite number', value);
  return value;
}

/** Checks an operand of `for...of`; strings are refused. */
export function checkIterable<T>(name: string, value: unknown): Iterable<T> {
  const iterable = typeof value === 'object' && value !== null && Symbol.iterator in value;
  if (!iterable) throw wrongType(name, 'an iterable object', value);
  return value as Iterable<T>;
}
