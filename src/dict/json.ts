// Objects as JSON text.
import { types } from 'node:util';
import { ShmError, wrongType, wrongValue } from '../addon/errors.js';
import { encoded, takeText } from './fast-calls.js';

/** The deepest value that is checked before it is written, not while it is. */
const DEEPEST = 64;

/** Returns the text of a value. What would come back as another value is refused. */
export function encodeJson(value: object): string {
  let text: string | undefined;
  try {
    // A function that `JSON.stringify` calls for each property takes several times as long as this check.
    text = isExact(value, 0) ? JSON.stringify(value) : JSON.stringify(value, refuseLoss);
  } catch (error) {
    throw /circular structure/i.test(String(error)) ? wrongValue('value', 'must have no cycles', value) : error;
  }
  if (text === undefined) throw wrongType('value', 'a value that JSON can represent', value);
  return text;
}

/** Returns whether JSON certainly represents the value: plain objects and arrays of plain values. */
function isExact(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return value - value === 0 && (value !== 0 || 1 / value > 0);
    case 'object':
      return value === null || (depth < DEEPEST && isExactObject(value, depth + 1));
    default:
      return false;
  }
}

function isExactObject(value: object, depth: number): boolean {
  if ((value as { toJSON?: unknown }).toJSON !== undefined) return false;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) if (!isExact(value[index], depth)) return false;
    return !hasMoreThanElements(value);
  }
  if (!isOfPlainClass(value)) return false;
  for (const key in value) {
    const item = (value as Record<string, unknown>)[key];
    if (item !== undefined && !isExact(item, depth)) return false;
  }
  return true;
}

/** Returns whether an array has properties, which JSON leaves out. */
function hasMoreThanElements(value: readonly unknown[]): boolean {
  return Object.keys(value).length > value.length;
}

function isOfPlainClass(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** `this` is the object that has the property; `value` is what its `toJSON`, if it has one, returned. */
function refuseLoss(this: unknown, key: string, value: unknown): unknown {
  const isKept = isRepresented(value, Array.isArray(this)) && !isLostByToJson((this as Record<string, unknown>)[key]);
  if (isKept) return value;
  throw wrongType('value', key === '' ? 'a value that JSON can represent' : `a value that JSON can represent, also in its property "${key}"`, value);
}

function isRepresented(value: unknown, isElement: boolean): boolean {
  switch (typeof value) {
    case 'undefined':
      // A property is left out, which reads the same. An element would become null.
      return !isElement;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0);
    case 'string':
    case 'boolean':
      return true;
    case 'object':
      return value === null || (Array.isArray(value) ? !hasMoreThanElements(value) : isPlain(value));
    default:
      return false;
  }
}

/** Objects that are more than their properties, which are all that JSON has of an object. */
const MORE_THAN_PROPERTIES = new Set(
  ['Map', 'Set', 'WeakMap', 'WeakSet', 'RegExp', 'Error', 'Promise', 'Date', 'Boolean', 'Number', 'String', 'Symbol', 'BigInt'].map(
    (name) => `[object ${name}]`,
  ),
);

// An object without properties that has a name of its own is one of the runtime, such as a `Blob`.
function isPlain(value: object): boolean {
  // All handles are weak collections, whatever their class is called.
  if (types.isWeakSet(value)) return false;
  const title = Object.prototype.toString.call(value);
  if (title === '[object Object]') return true;
  return !MORE_THAN_PROPERTIES.has(title) && !types.isAnyArrayBuffer(value) && Object.keys(value).length > 0;
}

// These have a `toJSON` that does not tell all.
function isLostByToJson(value: unknown): boolean {
  return ArrayBuffer.isView(value) || (types.isDate(value) && Number.isNaN(value.getTime()));
}

export function decodeJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes === encoded ? takeText() : bytes.toString()) as unknown;
  } catch (cause) {
    throw new ShmError('ERR_SHM_CORRUPT', 'the bytes of the value are not valid JSON', { cause });
  }
}
