// Bytes that users pass to calls, and arrays that calls fill.
import { types } from 'node:util';
import { checkBytes } from './check.js';
import { wrongType } from '../addon/errors.js';

const bufferOf = Reflect.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype) as object, 'buffer')?.get as (
  this: Uint8Array,
) => ArrayBufferLike;

/** Bytes as users pass them; a string stands for its UTF-8. */
export type Data = string | Uint8Array;

/** Returns the bytes of `data`, in memory that no other thread or process changes. */
export function bytesOfData(name: string, data: unknown): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data);
  if (!types.isUint8Array(data)) throw wrongType(name, 'a string or an instance of Uint8Array', data);
  return unshared(data);
}

/** Buffers of mapped memory, which other processes may change at any time. */
const mapped = new WeakSet<ArrayBufferLike>();

/** Records that other processes may change the bytes of a buffer. */
export function markMapped(buffer: ArrayBuffer): void {
  mapped.add(buffer);
}

function isShared(view: Uint8Array): boolean {
  const buffer = bufferOf.call(view);
  return mapped.has(buffer) || types.isSharedArrayBuffer(buffer);
}

/** Returns `view`, or a copy if other threads or processes could change its bytes while the addon reads them. */
export function unshared(view: Uint8Array): Uint8Array {
  return isShared(view) ? Buffer.from(view) : view;
}

/** Fills the first `length` bytes of a user's array through `fill`, which gets memory that nothing else changes. */
export function fillTarget(target: unknown, length: number, fill: (unshared: Uint8Array) => void): void {
  const bytes = checkBytes('target', target);
  if (!isShared(bytes)) return fill(bytes);
  const memory = Buffer.allocUnsafeSlow(length);
  fill(memory);
  bytes.set(memory);
}

/** Copies bytes to an array at an offset, and returns their number. Throws `ERR_OUT_OF_RANGE` if they do not fit. */
type CopyTo = (unshared: Uint8Array, offset: number) => number;

/** The memory to try first for bytes of unknown length, and the factor by which it grows. */
const FIRST_BYTES = 64 * 1024;
const GROWTH = 16;

/** Copies bytes of unknown length to a user's array through `copy`, which gets memory that nothing else changes. */
export function copyToTarget(target: Uint8Array, offset: number, copy: CopyTo): number {
  if (!isShared(target)) return copy(target, offset);
  const space = Math.max(target.length - offset, 0);
  for (let size = Math.min(FIRST_BYTES, space); ; size = Math.min(size * GROWTH, space)) {
    const memory = Buffer.allocUnsafeSlow(size);
    try {
      const copied = copy(memory, 0);
      if (copied > 0) target.set(memory.subarray(0, copied), offset);
      return copied;
    } catch (error) {
      if (size === space || (error as { code?: unknown }).code !== 'ERR_OUT_OF_RANGE') throw error;
    }
  }
}
