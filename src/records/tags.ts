// The first bytes of values in a record. docs/format.md has the table.

/** Below this, a byte is an integer itself. */
export const STRING = 0x80;
/** A string of up to 63 units has its length in the tag. */
export const SHORT_STRING = 0x40;
export const UNDEFINED = 0xc0;
export const NULL = 0xc1;
export const FALSE = 0xc2;
export const TRUE = 0xc3;
export const INT16 = 0xc4;
export const INT32 = 0xc5;
export const DOUBLE = 0xc6;
export const BIGINT = 0xc7;
export const DATE = 0xc8;
/** A string whose length is in the next byte, or the next four. */
export const STRING8 = 0xc9;
export const STRING32 = 0xca;
/** An array whose length is in the next four bytes. */
export const ARRAY32 = 0xcb;
/** An object without properties. */
export const EMPTY = 0xcc;
/** An object; the number of its structure is in the next two bytes. */
export const RECORD = 0xcd;
/** An array of up to 47 elements has its length in the tag. */
export const ARRAY = 0xd0;
export const SHORT_ARRAY = 0x30;

/** The numbers of structures from here on are those of the value itself. */
export const FIRST_OWN = 1024;
export const MOST_OWN: number = 0x10000 - FIRST_OWN;

/** The first four bytes: the length of what comes before the text, and flags. */
export const HEADER_BYTES = 4;
export const LENGTH_MASK: number = 2 ** 30 - 1;
/** The value has structures of its own. */
export const HAS_OWN: number = 2 ** 30;
/** The text has two bytes per unit. */
export const WIDE: number = 2 ** 31;

/** The deepest value that is written and read: it needs no more of the stack than a program has. */
export const DEEPEST = 256;
