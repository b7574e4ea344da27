// An entry of the local cache, and how it is compared with the shared memory.
import { ArrayBuffer, Atomics, Int32Array } from '../addon/intrinsics.js';
import { validator } from './call-frame.js';
import { CLOCK_UNIT } from './fast-calls.js';

/** The offset of the reference bits within a bucket. */
const REFERENCES = 60;

/** The most `due` can be. A later deadline, in 36 years, is looked at exactly. */
const LATEST_DUE = 2 ** 30 - 1;

/** What few entries have. */
export interface Rare {
  /** Nanoseconds since boot; 0 for no expiry. */
  readonly deadline: number;
  /** What `getFrozen` returns. */
  frozen: object | undefined;
}

/**
 * A value (`undefined` if only `has` or `getFrozen` was called) and its validator. Small, because with many keys a hit
 * takes as long as its cache misses.
 *
 * The lower half of the index word is the number of the entry's block, in units of 8 bytes. Together with the version it
 * says as much as the whole word: see docs/locking.md.
 */
export class CacheEntry {
  constructor(
    readonly value: unknown,
    readonly word: number,
    readonly block: number,
    readonly versionLow: number,
    readonly versionHigh: number,
    /** The deadline in whole `CLOCK_UNIT`s, plus 1; 0 for no expiry. An integer here is found sooner than a number in `rare`. */
    readonly due: number,
    readonly rare: Rare | undefined,
  ) {}
}

/** Returns an entry with the validator in the call frame. */
export function validated(value: unknown, rare: Rare | undefined): CacheEntry {
  const deadline = rare?.deadline ?? 0;
  const due = deadline === 0 ? 0 : Math.min(Math.floor(deadline / CLOCK_UNIT) + 1, LATEST_DUE);
  return new CacheEntry(value, validator.word(), validator.wordLow(), validator.versionLow(), validator.versionHigh(), due, rare);
}

// Stored to before the loads of every attempt. As far as the compiler can tell it may alias the words, so values that an
// earlier attempt loaded cannot be reused. In an `ArrayBuffer`, which does not move: its address is a constant.
export const barrier: Int32Array = new Int32Array(new ArrayBuffer(4));

// Loads half a word of the shared memory. On a machine that loads in order, only the compiler must be kept from
// reordering the loads, and a call of `Atomics.load` takes longer than the whole rest of a hit.
export const load: (words: Int32Array, at: number) => number | undefined = process.arch === 'x64' ? (words, at) => words[at] : Atomics.load;

// Sets the reference bit that eviction reads. A concurrent store of another process to the byte may be lost: the bits
// are hints.
export function mark(bytes: Uint8Array, word: number): void {
  const at = (word & ~15) * 4 + REFERENCES;
  const bit = 1 << ((word & 15) >> 1);
  const bits = bytes[at] as number;
  if ((bits & bit) === 0) bytes[at] = bits | bit;
}
