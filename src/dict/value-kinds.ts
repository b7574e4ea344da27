// The kinds of values. The numbers are part of the segment's format.
import type { ValueType } from '../types.js';

/** Not part of the format: JavaScript's own type tells the kind. */
export const PLAIN = 0;
export const BYTES = 7;
export const STRUCTURED = 8;
export const JSON_TEXT = 9;
export const CUSTOM = 10;
export const LIST = 11;
export const RECORD = 12;

/** Not part of the format: bytes that the addon found to be those of no value. */
export const DAMAGED = 255;

/** The bits of a kind that the addon returns. What it found in a structured value is in the bits above them. */
export const KIND_BITS = 8;
export const KIND_MASK: number = (1 << KIND_BITS) - 1;
/** The value claims arrays with far more elements than it has bytes. */
export const HOLLOW = 1;
/** No version of V8 can read the value. */
export const MALFORMED = 3;

/** What users call the kinds; those that a codec wrote are objects. Kind 0 is a missing key. */
const NAMES = [undefined, 'string', 'string', 'number', 'boolean', 'bigint', 'null', 'bytes'] as const;

/** Returns what users call a kind. */
export function nameOfKind(kind: number): ValueType | undefined {
  if (kind < NAMES.length) return NAMES[kind];
  return kind === LIST ? 'list' : 'object';
}
