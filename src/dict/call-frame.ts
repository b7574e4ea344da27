// What a call of a dictionary gives beside its value.
import { callFrameMemory } from '../addon/native.js';

const version = new BigUint64Array(callFrameMemory, 0, 1);
const seconds = new Float64Array(callFrameMemory, 8, 1);
const flags = new Uint32Array(callFrameMemory, 16, 2);

/** What a call has returned beside its value. Read it before anything else runs. */
export const callFrame = {
  /** Of `getEntry` and `getStale`. */
  version: (): bigint => version[0] as bigint,
  /** Of `getEntry` and `getStale`: 0 for no expiry, negative if it has passed. */
  seconds: (): number => seconds[0] as number,
  /** Of every call that returned a `Buffer`: what its bytes mean. */
  kind: (): number => flags[0] as number,
  /** Of `scanKeys` and `scanEntries`. */
  more: (): boolean => flags[1] !== 0,
};

const halves = new Int32Array(callFrameMemory, 24, 8);

/**
 * What the answers of `getWitnessed` and `hasWitnessed` rest on: where the index word is, as a number of 32 bits in
 * the handle's view, or 0 if the value must not be kept; then halves of index word, version and epoch word.
 */
export const witness = {
  word: (): number => halves[0] as number,
  wordLow: (): number => halves[2] as number,
  versionLow: (): number => halves[4] as number,
  versionHigh: (): number => halves[5] as number,
  epochLow: (): number => halves[6] as number,
};
