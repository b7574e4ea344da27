// What the bytes of a value mean; the numbers are part of the segment's format.

/** Not a number of the format: JavaScript's own type tells. */
export const PLAIN = 0;
export const BYTES = 7;
export const STRUCTURED = 8;
export const JSON_TEXT = 9;
export const CUSTOM = 10;
export const LIST = 11;
