// What a call of a dictionary returns besides its value.
import { callFrameMemory } from '../addon/native.js';
import { BigUint64Array, Float64Array, Int32Array, Uint32Array } from '../addon/intrinsics.js';

const version = new BigUint64Array(callFrameMemory, 0, 1);
const seconds = new Float64Array(callFrameMemory, 8, 1);
const flags = new Uint32Array(callFrameMemory, 16, 2);

/** What the last call returned besides its value. Read it before anything else runs. */
export const callFrame = {
  /** After `getEntry`, `getStale` and `incr`, and after a write that returns a value to be decoded first. */
  version: (): bigint => version[0] as bigint,
  /** After `getEntry`, `getStale` and `incr`: seconds left, 0 for no expiry, negative after it. */
  seconds: (): number => seconds[0] as number,
  /** After every call that returned a `Buffer`: the kind of the value. */
  kind: (): number => flags[0] as number,
  /** After `scanKeys` and `scanEntries`: whether to call again. */
  more: (): boolean => flags[1] !== 0,
  /** After a write that returns the value before it: what is to be done. */
  previous: (): number => flags[1] as number,
};

/** The value of `callFrame.previous`: decode the value and call again with its version. */
export const DECODE = 1;
/** The value of `callFrame.previous`: the write is complete, and the value is the one that was decoded. */
export const DECODED = 2;

const halves = new Int32Array(callFrameMemory, 24, 8);

/**
 * After `getWithValidator` and `hasWithValidator`: the index of the entry's index word in the handle's view, counted in
 * 32-bit numbers, or 0 if the value must not be cached; then halves of index word, version and epoch word.
 */
export const validator = {
  word: (): number => halves[0] as number,
  wordLow: (): number => halves[2] as number,
  versionLow: (): number => halves[4] as number,
  versionHigh: (): number => halves[5] as number,
  epochLow: (): number => halves[6] as number,
  /** Nanoseconds since boot; 0 for no expiry. Not after `hasWithValidator`. */
  deadline: (): number => seconds[0] as number,
};
