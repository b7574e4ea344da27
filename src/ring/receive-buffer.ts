// Where received messages land: small ones side by side in memory that they share, as the buffers of Node's own pool
// do, so that a batch costs one call of the addon and no allocation of its own; large ones each for itself.
import { outOfRange } from '../addon/errors.js';
import { threads } from '../addon/lazy.js';
import { unshared } from '../arguments/bytes.js';
import { TOO_LONG } from './native.js';

/** Bytes of shared memory for small messages: what one of them that is kept may hold back. */
const SLAB_BYTES = 64 * 1024;
/** Larger messages have memory of their own. */
const SMALL = SLAB_BYTES / 8;
/** With less than this, a new one is begun. */
const LEAST_ROOM = 4096;
/** Most messages of one call. */
const MOST = 1024;

const lengths = new Uint32Array(MOST);
const lengthBytes = new Uint8Array(lengths.buffer);

let slab = Buffer.alloc(0);
let used = 0;

/** Copies messages to `target` from `offset` on; the addon's answer. */
export type Fill = (target: Uint8Array, offset: number, lengths: Uint8Array, most: number) => number;

/**
 * Adds up to `most` messages that `fill` finds to `messages`: from the first large one on as many bytes as were there
 * then, and no more. While others send as fast as this one receives, all would be alive at once, in memory that was never
 * used before.
 */
export function receiveInto(messages: Buffer[], most: number, fill: Fill): void {
  let there = Infinity;
  while (messages.length < most && there > 0) {
    if (slab.length - used < LEAST_ROOM) renew();
    const had = messages.length;
    const answer = fill(slab, used, lengthBytes, Math.min(most - had, MOST));
    if (answer > 0) cut(messages, answer);
    else if (answer > TOO_LONG) return;
    else {
      const bytes = TOO_LONG - answer;
      if (bytes > SMALL && there === Infinity) there = lengths[0] as number;
      receiveLarge(messages, bytes, fill);
    }
    if (there < Infinity) for (let at = had; at < messages.length; at += 1) there -= recordBytes(messages[at] as Buffer);
  }
}

/** What a message takes in the ring. */
function recordBytes({ length }: Buffer): number {
  return 8 + Math.ceil(length / 8) * 8;
}

function cut(messages: Buffer[], count: number): void {
  const memory = slab.buffer as ArrayBuffer;
  for (let index = 0; index < count; index += 1) {
    const length = lengths[index] as number;
    messages.push(Buffer.from(memory, used, length));
    used += length;
  }
  // Views of numbers start where their alignment lets them.
  used = (used + 7) & ~7;
}

// Another receiver may take the message first, and the next one may be larger still, or small: then the next round sees.
function receiveLarge(messages: Buffer[], bytes: number, fill: Fill): void {
  if (bytes <= SMALL) {
    renew();
    return;
  }
  const target = Buffer.allocUnsafeSlow(bytes);
  if (fill(target, 0, lengthBytes, 1) !== 1) return;
  const length = lengths[0] as number;
  messages.push(length === bytes ? target : Buffer.from(target.subarray(0, length)));
}

/** Copies one message to a user's array from `offset` on; its bytes, or -1 if there is none. */
export function receiveIntoTarget(target: Uint8Array, offset: number, fill: Fill): number {
  const place = unshared(target);
  const answer = fill(place, offset, lengthBytes, 1);
  if (answer <= TOO_LONG) throw outOfRange('target', `room for the next message, which has ${TOO_LONG - answer} bytes`, target);
  if (answer !== 1) return -1;
  const length = lengths[0] as number;
  if (place !== target) target.set(place.subarray(offset, offset + length), offset);
  return length;
}

function renew(): void {
  slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  // Whoever transferred one message to another thread would take all of them away.
  threads().markAsUntransferable(slab.buffer);
  used = 0;
}
