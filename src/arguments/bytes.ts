// Bytes that users pass to calls, and arrays that calls fill.
import { types } from 'node:util';
import { checkBytes } from './check.js';
import { wrongType } from '../addon/errors.js';

const bufferOf = Reflect.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype) as object, 'buffer')?.get as (
  this: Uint8Array,
) => ArrayBufferLike;

/** Bytes as users pass them; a string stands for its UTF-8. */
export type Data = string | Uint8Array;

/** Returns the bytes of `data`, in memory that no other thread shares. */
export function bytesOfData(name: string, data: unknown): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data);
  if (!types.isUint8Array(data)) throw wrongType(name, 'a string or an instance of Uint8Array', data);
  return unshared(data);
}

/** Fills a user's array through `fill`, which gets memory that no other thread shares. */
export function fillTarget(target: unknown, length: number, fill: (unshared: Uint8Array) => void): void {
  const bytes = checkBytes('target', target);
  const memory = unshared(bytes);
  fill(memory);
  if (memory !== bytes) bytes.set(memory.subarray(0, length));
}

/** Returns `view`, or a copy if other threads could change its bytes while the addon reads them. */
export function unshared(view: Uint8Array): Uint8Array {
  return types.isSharedArrayBuffer(bufferOf.call(view)) ? Buffer.from(view) : view;
}
