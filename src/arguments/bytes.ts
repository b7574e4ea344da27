// Bytes on their way into memory and out of it.
import { types } from 'node:util';
import { checkBytes } from './check.js';
import { wrongType } from '../addon/errors.js';

const bufferOf = Reflect.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype) as object, 'buffer')?.get as (
  this: Uint8Array,
) => ArrayBufferLike;

/** Bytes as users give them: a string stands for its UTF-8. */
export type Data = string | Uint8Array;

/** The bytes of the data, in memory that no other thread shares. */
export function bytesOfData(name: string, data: unknown): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data);
  if (!types.isUint8Array(data)) throw wrongType(name, 'a string or an instance of Uint8Array', data);
  return unshared(data);
}

/** Lets `fill` fill a user's array. */
export function fillTarget(target: unknown, length: number, fill: (unshared: Uint8Array) => void): void {
  const bytes = checkBytes('target', target);
  const place = unshared(bytes);
  fill(place);
  if (place !== bytes) bytes.set(place.subarray(0, length));
}

/** A view whose bytes no other thread can change while the addon reads them. */
export function unshared(view: Uint8Array): Uint8Array {
  return types.isSharedArrayBuffer(bufferOf.call(view)) ? Buffer.from(view) : view;
}
