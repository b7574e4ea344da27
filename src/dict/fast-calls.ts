// The most frequent calls. Numbers pass through memory that both sides share: through Node-API an argument takes ten
// times as long, and a result up to a quarter of a call.
import { callFrameMemory, type HandleId } from '../addon/native.js';
import { Float64Array, Int32Array, Uint32Array } from '../addon/intrinsics.js';
import { dict, fast } from './native.js';
import { JSON_TEXT, RECORD } from './value-kinds.js';
import type { CheckedIncrOptions as IncrOptions } from './write-options.js';
import type { RateLimit } from './rate-limit.js';
import type { ThrottleResult } from './throttle-types.js';

const number = new Float64Array(callFrameMemory, 56, 1);
const words = new Uint32Array(callFrameMemory, 64, 2);
const clockUnits = new Int32Array(callFrameMemory, 56, 1);
const rate = new Float64Array(callFrameMemory, 72, 4);
/** Encoded values of the last call. */
export const encoded: Buffer = Buffer.from(callFrameMemory, 104, 32 * 1024);
/** Where the bytes of a record are for `setRecord`. */
export const outgoing: Buffer = Buffer.from(callFrameMemory, 104 + 32 * 1024);
const kind = new Uint32Array(callFrameMemory, 16, 1);
const HANDLE = 0;
const TAG = 1;

/** Nanoseconds of a unit of `clock`: a little more than a second. The shift is repeated in crates/node/src/dict/fast_calls.rs. */
export const CLOCK_UNIT: number = 2 ** 30;

// The tag of a call that returns `undefined`.
const MISSING = 0;
const NUMBER = 1;
const TRUE = 2;
const FALSE = 3;
const ENCODED = 5;
const TEXT = 7;

let text = '';

/** Returns the value as the addon does. The kind of a Buffer is in the call frame, and it must be decoded before the next call. */
export function get(handle: HandleId, key: string): unknown {
  words[HANDLE] = handle;
  const returned = fast.get(key);
  if (returned === undefined) return taggedValue();
  return words[TAG] === TEXT ? textValue(returned as string) : returned;
}

/** Like `get`; `validator` tells how to check later whether the value is current. */
export function getWithValidator(handle: HandleId, key: string): unknown {
  words[HANDLE] = handle;
  const returned = fast.getWithValidator(key);
  if (returned === undefined) return taggedValue();
  return words[TAG] === TEXT ? textValue(returned as string) : returned;
}

/** Like `getWithValidator`, with a validator for objects as well. */
export function getFrozen(handle: HandleId, key: string): unknown {
  words[HANDLE] = handle;
  const returned = fast.getFrozen(key);
  if (returned === undefined) return taggedValue();
  return words[TAG] === TEXT ? textValue(returned as string) : returned;
}

/** Returns whether the key exists; `validator` has its version. */
export function findVersion(handle: HandleId, key: string): boolean {
  words[HANDLE] = handle;
  fast.findVersion(key);
  return words[TAG] === TRUE;
}

/** More than the error of a clock value, whose lower bits do not fit into a number after 104 days. */
const EXACT_ERROR = 1000;

/** Returns whether a moment, in `CLOCK_UNIT`s since boot, is certainly not past: the clock is that of the kernel's last tick. */
export function isFarAhead(unit: number): boolean {
  fast.clock();
  // One unit is what the tick can be late, and two moments of the same unit are one apart at most.
  return unit - (clockUnits[0] as number) > 1;
}

/** Returns whether a deadline, in nanoseconds since boot, is certainly not past. JavaScript's clocks stop in suspend, or can be set. */
export function isAhead(deadline: number): boolean {
  fast.exactClock();
  return deadline - (number[0] as number) > EXACT_ERROR;
}

/** Returns milliseconds since boot. */
export function bootClock(): number {
  fast.exactClock();
  return (number[0] as number) / 1e6;
}

export function has(handle: HandleId, key: string): boolean {
  words[HANDLE] = handle;
  fast.has(key);
  return words[TAG] === TRUE;
}

/** Like `has`; `validator` tells how to check later whether the result is current. */
export function hasWithValidator(handle: HandleId, key: string): boolean {
  words[HANDLE] = handle;
  fast.hasWithValidator(key);
  return words[TAG] === TRUE;
}

/** Returns the seconds left, 0 for no expiry. */
export function ttl(handle: HandleId, key: string): number | undefined {
  words[HANDLE] = handle;
  fast.ttl(key);
  return words[TAG] === NUMBER ? number[0] : undefined;
}

/** Stores a string or a number without a TTL or condition. Returns false, and does nothing, for other values. */
export function set(handle: HandleId, key: string, value: unknown): boolean {
  words[HANDLE] = handle;
  if (typeof value === 'string') {
    fast.setText(key, value);
    return true;
  }
  if (typeof value === 'number') {
    number[0] = value;
    fast.setNumber(key);
    return true;
  }
  return false;
}

/** Adds a number, by default 1 or 1n, to the value; the TTL stays. */
export function incr(handle: HandleId, key: string, delta: number | undefined): number | bigint | undefined {
  words[HANDLE] = handle;
  if (delta === undefined) {
    const sum = fast.incr(key);
    if (sum !== undefined) return sum;
  } else {
    number[0] = delta;
    fast.incrBy(key);
  }
  return words[TAG] === NUMBER ? number[0] : undefined;
}

/** Like `incr`, for a new entry as well. Version and seconds left are in the call frame. */
export function incrEntry(handle: HandleId, key: string, delta: unknown, { init, ttl: expiry, initTtl }: IncrOptions): number | bigint | undefined {
  // The call frame has no place for bigints.
  if (typeof delta === 'bigint' || typeof init === 'bigint') return dict.incr(handle, key, delta, init, expiry, initTtl);
  words[HANDLE] = handle;
  number[0] = delta === undefined ? NaN : (delta as number);
  rate[0] = expiry;
  rate[1] = initTtl;
  rate[2] = init === undefined ? NaN : init;
  const sum = fast.incrEntry(key);
  if (sum !== undefined) return sum;
  return words[TAG] === NUMBER ? number[0] : undefined;
}

/** Sets the expiry, in nanoseconds or a constant of src/arguments/ttl.ts. Returns whether the key existed. */
export function expire(handle: HandleId, key: string, nanoseconds: number): boolean {
  words[HANDLE] = handle;
  number[0] = nanoseconds;
  fast.expire(key);
  return words[TAG] === TRUE;
}

/** Takes `cost` from a limiter if that much is available. `window` is in nanoseconds. */
export function throttle(handle: HandleId, key: string, { limit, window, burst, cost }: RateLimit): ThrottleResult {
  words[HANDLE] = handle;
  rate[0] = limit;
  rate[1] = window;
  rate[2] = burst;
  rate[3] = cost;
  fast.throttle(key);
  return { allowed: words[TAG] === TRUE, remaining: rate[0] as number, retryAfter: rate[1] as number, resetAfter: rate[2] as number };
}

/** Stores JSON. `nanoseconds` is the expiry, as `expire` takes it. */
export function setJson(handle: HandleId, key: string, json: string, nanoseconds: number): void {
  words[HANDLE] = handle;
  kind[0] = JSON_TEXT;
  rate[0] = nanoseconds;
  fast.setEncoded(key, json);
}

/** Stores a record: its header, the bytes in `outgoing`, and its text. */
export function setRecord(handle: HandleId, key: string, header: number, recordText: string, nanoseconds: number): void {
  words[HANDLE] = handle;
  kind[0] = RECORD;
  number[0] = header;
  rate[0] = nanoseconds;
  fast.setEncoded(key, recordText);
}

/** Returns the bytes of the encoded value that the last call returned. */
export function encodedSize(returned: object): number {
  return returned === encoded ? encodedLength() : (returned as Buffer).length;
}

/** Returns the length of the value in `encoded`. */
export function encodedLength(): number {
  return number[0] as number;
}

/** Returns the text of the last call that returned `encoded` itself, once; the empty text if it is in the bytes. */
export function takeText(): string {
  const taken = text;
  text = '';
  return taken;
}

function textValue(returned: string): Buffer {
  text = returned;
  return encoded;
}

/** Encoded bytes are in memory that the next call uses again. */
function taggedValue(): number | boolean | null | undefined | Buffer {
  switch (words[TAG]) {
    case ENCODED:
      // That of an earlier value which was refused, and so not decoded, may be left.
      text = '';
      return kind[0] === RECORD ? encoded : encoded.subarray(0, number[0]);
    case NUMBER:
      return number[0];
    case TRUE:
      return true;
    case FALSE:
      return false;
    case MISSING:
      return undefined;
    default:
      return null;
  }
}
