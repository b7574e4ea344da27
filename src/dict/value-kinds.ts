// The kinds of values. The numbers are part of the segment's format.

/** Not part of the format: JavaScript's own type tells the kind. */
export const PLAIN = 0;
export const BYTES = 7;
export const STRUCTURED = 8;
export const JSON_TEXT = 9;
export const CUSTOM = 10;
export const LIST = 11;
