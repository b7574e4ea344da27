// The entries of one call for many keys: all strings joined into one, and a record of 16 bytes for each entry. The addon's
// side is crates/node/src/dict/batch.rs.
import { ArrayBuffer, Float64Array, Uint32Array, Uint8Array } from '../addon/intrinsics.js';

/** Most entries of one call. */
export const MOST_ENTRIES = 256;

/** A record is four 32-bit numbers or two 64-bit ones: the key's length, the value's form, and a number. */
const RECORD_BYTES = 16;

/** Forms of a value: the low bits. The other bits are its length. */
export const MISSING = 0;
export const TEXT = 1;
export const WIDE_TEXT = 2;
export const NUMBER = 3;
export const TRUE = 4;
export const FALSE = 5;
export const NULL = 6;
export const OTHER = 7;
export const FORM_BITS = 3;

/** The records of one call. The first belongs to no entry: it starts with the number of stored entries. */
export class Records {
  /** Four per entry. */
  readonly words: Uint32Array;
  /** Two per entry; the second is its number. */
  readonly numbers: Float64Array;
  /** The same memory, as the addon takes it. */
  readonly bytes: Uint8Array;

  constructor() {
    const memory = new ArrayBuffer((1 + MOST_ENTRIES) * RECORD_BYTES);
    this.words = new Uint32Array(memory);
    this.numbers = new Float64Array(memory);
    this.bytes = new Uint8Array(memory);
  }
}

let spare: Records | undefined;

/** Lends records to `work`. It runs users' codecs and iterables, which may call this function again. */
export function withRecords<T>(work: (records: Records) => T): T {
  const records = spare ?? new Records();
  spare = undefined;
  try {
    return work(records);
  } finally {
    spare = records;
  }
}

/** Joins the keys into one string, and puts their lengths into the records. */
export function joinKeys(keys: string[], records: Records): string {
  const { words } = records;
  for (let index = 0; index < keys.length; index += 1) words[4 * index + 4] = (keys[index] as string).length;
  return keys.join('');
}
