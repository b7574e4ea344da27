// Memory for received messages. Small ones share memory, like the buffers of Node's own pool, so that a batch takes one
// call of the addon and no allocation. Large ones have memory of their own.
import { outOfRange } from '../addon/errors.js';
import { Uint32Array, Uint8Array } from '../addon/intrinsics.js';
import { threads } from '../addon/lazy.js';
import { copyToTarget } from '../arguments/bytes.js';
import { TOO_LONG } from './native.js';

/** The memory that small messages share: a message that is kept can keep this much from being freed. */
const SLAB_BYTES = 64 * 1024;
/** Larger messages have memory of their own. */
const SMALL = SLAB_BYTES / 8;
/** With less space than this left, new memory is allocated. */
const LEAST_SPACE = 4096;
/** Most messages of one call. */
const MOST = 1024;

const lengths = new Uint32Array(MOST);
const lengthBytes = new Uint8Array(lengths.buffer);

let slab = Buffer.alloc(0);
let used = 0;

/** Copies messages to `target` at `offset`. Returns the addon's result. */
export type Fill = (target: Uint8Array, offset: number, lengths: Uint8Array, most: number) => number;

/**
 * Appends up to `most` messages from `fill` to `messages`. From the first large one on, it takes only as many bytes as the
 * ring had then: if others send as fast as this process receives, all messages would be alive at once, in memory that was
 * never used before.
 */
export function receiveInto(messages: Buffer[], most: number, fill: Fill): void {
  let remaining = Infinity;
  while (messages.length < most && remaining > 0) {
    if (slab.length - used < LEAST_SPACE) allocateSlab();
    const before = messages.length;
    const result = fill(slab, used, lengthBytes, Math.min(most - before, MOST));
    if (result > 0) cut(messages, result);
    else if (result > TOO_LONG) return;
    else {
      const bytes = TOO_LONG - result;
      if (bytes > SMALL && remaining === Infinity) remaining = lengths[0] as number;
      receiveLarge(messages, bytes, fill);
    }
    if (remaining < Infinity) for (let at = before; at < messages.length; at += 1) remaining -= recordBytes(messages[at] as Buffer);
  }
}

/** Returns the number of bytes that a message takes in the ring. */
function recordBytes({ length }: Buffer): number {
  return 8 + Math.ceil(length / 8) * 8;
}

function cut(messages: Buffer[], count: number): void {
  const buffer = slab.buffer as ArrayBuffer;
  for (let index = 0; index < count; index += 1) {
    const length = lengths[index] as number;
    messages.push(Buffer.from(buffer, used, length));
    used += length;
  }
  // The next batch starts aligned, so that users can make views of numbers of its first message.
  used = (used + 7) & ~7;
}

// Meanwhile another receiver may take the message, and the next one may be larger or small: the next round handles that.
function receiveLarge(messages: Buffer[], bytes: number, fill: Fill): void {
  if (bytes <= SMALL) {
    allocateSlab();
    return;
  }
  const target = Buffer.allocUnsafeSlow(bytes);
  if (fill(target, 0, lengthBytes, 1) !== 1) return;
  const length = lengths[0] as number;
  messages.push(length === bytes ? target : Buffer.from(target.subarray(0, length)));
}

/** Copies one message to a user's array at `offset`. Returns its length, or -1 if there is none. */
export function receiveIntoTarget(target: Uint8Array, offset: number, fill: Fill): number {
  return copyToTarget(target, offset, (memory, at) => {
    const result = fill(memory, at, lengthBytes, 1);
    if (result <= TOO_LONG) throw outOfRange('target', `large enough for the next message of ${TOO_LONG - result} bytes`, target);
    return result === 1 ? (lengths[0] as number) : -1;
  });
}

function allocateSlab(): void {
  slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  // Transferring one message to another thread would take away all of them.
  threads().markAsUntransferable(slab.buffer);
  used = 0;
}
