// The entries of one call of the addon for many keys: strings as one, and a record of 16 bytes for each
// entry. The addon's side is crates/node/src/dict/batch.rs.

/** Entries of one call. */
export const MOST_ENTRIES = 256;

/** A record is four numbers of 32 bits or two of 64: length of the key, form of the value; a number. */
const RECORD_BYTES = 16;

/** What there is of a value: the low bits of its form, whose other bits are its length. */
export const MISSING = 0;
export const TEXT = 1;
export const WIDE_TEXT = 2;
export const NUMBER = 3;
export const TRUE = 4;
export const FALSE = 5;
export const NULL = 6;
export const OTHER = 7;
export const FORM_BITS = 3;

/** The records of one call. The first is not an entry's: it starts with how many entries were stored. */
export class Records {
  /** Four an entry. */
  readonly words: Uint32Array;
  /** Two an entry, the second of which is its number. */
  readonly numbers: Float64Array;
  /** What the addon is given. */
  readonly bytes: Uint8Array;

  constructor() {
    const memory = new ArrayBuffer((1 + MOST_ENTRIES) * RECORD_BYTES);
    this.words = new Uint32Array(memory);
    this.numbers = new Float64Array(memory);
    this.bytes = new Uint8Array(memory);
  }
}

let spare: Records | undefined;

/** Lends records to `work`. Codecs and iterables of users run meanwhile, and may come here again. */
export function withRecords<T>(work: (records: Records) => T): T {
  const records = spare ?? new Records();
  spare = undefined;
  try {
    return work(records);
  } finally {
    spare = records;
  }
}

/** The keys as one string, with their lengths in the records. */
export function joinKeys(keys: string[], records: Records): string {
  const { words } = records;
  for (let index = 0; index < keys.length; index += 1) words[4 * index + 4] = (keys[index] as string).length;
  return keys.join('');
}
