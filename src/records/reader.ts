// Reads plain data. The bytes may be anything that a peer wrote: every length is checked before it is used.
import { areKeys, Structure } from './structure.js';
import type { Table } from './table.js';
import * as tag from './tags.js';

/** The most units of text that are made one string. A program that keeps a part of such a string keeps all of it. */
export const PIECE = 2048;
/** Longer strings are no part of another one. */
const LONG = PIECE / 4;

const NONE: readonly Structure[] = [];

export class Reader {
  #bytes!: Buffer;
  #view!: DataView;
  #table!: Table;
  #at = 0;
  #end = 0;
  #depth = 0;
  #own: readonly Structure[] = NONE;
  #isWide = false;
  /** Offset of the text, and its units. */
  #textStart = 0;
  #units = 0;
  /** The next unit. */
  #unit = 0;
  /** A part of the text, where it starts, and where it ends. */
  #piece = '';
  #pieceStart = 0;
  #pieceEnd = 0;
  readonly #Date: DateConstructor;

  constructor(Date: DateConstructor) {
    this.#Date = Date;
  }

  /** Returns the value of `bytes`, or throws. `text` is the whole text of the value if it is known already. */
  value(bytes: Buffer, view: DataView, length: number, text: string, table: Table): unknown {
    this.#bytes = bytes;
    this.#view = view;
    this.#table = table;
    this.#depth = 0;
    this.#unit = 0;
    this.#piece = text;
    this.#pieceStart = 0;
    this.#pieceEnd = text.length;
    const header = view.getUint32(0, true);
    const tokens = tag.HEADER_BYTES + (header & tag.LENGTH_MASK);
    if (tokens > length) throw new Error('the text begins past the end');
    this.#isWide = header >= tag.WIDE;
    this.#textStart = tokens;
    this.#units = Math.floor((length - tokens) / (this.#isWide ? 2 : 1));
    this.#at = tag.HEADER_BYTES;
    this.#end = tokens;
    this.#own = NONE;
    if ((header & tag.HAS_OWN) !== 0) this.#readOwn();
    const value = this.read();
    if (this.#at !== this.#end) throw new Error('the value does not end where it should');
    return value;
  }

  /** Reads the next value. */
  read(): unknown {
    const type = this.#bytes[this.#at++] as number;
    if (type < tag.STRING) return type;
    if (type < tag.UNDEFINED) return this.#string(type & (tag.SHORT_STRING - 1));
    if (type === tag.RECORD) return this.#record();
    return type >= tag.ARRAY ? this.#array(type - tag.ARRAY) : this.#other(type);
  }

  #other(type: number): unknown {
    const at = this.#at;
    switch (type) {
      case tag.UNDEFINED:
        return undefined;
      case tag.NULL:
        return null;
      case tag.FALSE:
        return false;
      case tag.TRUE:
        return true;
      case tag.INT16:
        this.#at = at + 2;
        return this.#view.getInt16(at, true);
      case tag.INT32:
        this.#at = at + 4;
        return this.#view.getInt32(at, true);
      case tag.DOUBLE:
        this.#at = at + 8;
        return this.#view.getFloat64(at, true);
      case tag.BIGINT:
        this.#at = at + 8;
        return this.#view.getBigInt64(at, true);
      case tag.DATE:
        this.#at = at + 8;
        return new this.#Date(this.#view.getFloat64(at, true));
      case tag.STRING8:
        this.#at = at + 1;
        return this.#string(this.#bytes[at] as number);
      case tag.STRING32:
        this.#at = at + 4;
        return this.#string(this.#view.getUint32(at, true));
      case tag.ARRAY32:
        this.#at = at + 4;
        return this.#array(this.#view.getUint32(at, true));
      case tag.EMPTY:
        return {};
      default:
        throw new Error(`no value begins with the byte ${String(type)}`);
    }
  }

  #record(): object {
    const at = this.#at;
    const number = (this.#bytes[at] as number) | ((this.#bytes[at + 1] as number) << 8);
    this.#at = at + 2;
    const structure = number < tag.FIRST_OWN ? this.#table.structure(number) : this.#own[number - tag.FIRST_OWN];
    if (structure === undefined) throw new Error(`there is no record structure ${number}`);
    this.#enter();
    const object = structure.read(this);
    this.#depth -= 1;
    return object;
  }

  #array(length: number): unknown[] {
    if (length > this.#end - this.#at) throw new Error('an array has more elements than the value has bytes');
    this.#enter();
    const array: unknown[] = [];
    for (let index = 0; index < length; index += 1) array.push(this.read());
    this.#depth -= 1;
    return array;
  }

  #enter(): void {
    this.#depth += 1;
    if (this.#depth > tag.DEEPEST || this.#at > this.#end) throw new Error('the value is nested too deeply, or cut off');
  }

  #string(units: number): string {
    const start = this.#unit;
    const end = start + units;
    if (end > this.#pieceEnd) return this.#further(start, end);
    this.#unit = end;
    return this.#piece.substring(start - this.#pieceStart, end - this.#pieceStart);
  }

  /** Returns a string that is not in the piece at hand. */
  #further(start: number, end: number): string {
    if (end > this.#units) throw new Error('a string is longer than the text');
    this.#unit = end;
    if (end - start > LONG) return this.#slice(start, end);
    this.#pieceStart = start;
    this.#pieceEnd = Math.min(start + PIECE, this.#units);
    this.#piece = this.#slice(start, this.#pieceEnd);
    return this.#piece.substring(0, end - start);
  }

  #slice(start: number, end: number): string {
    const from = this.#textStart;
    if (this.#isWide) return this.#bytes.toString('utf16le', from + 2 * start, from + 2 * end);
    return this.#bytes.toString('latin1', from + start, from + end);
  }

  /** Reads the value's own structures, which are at the end of its bytes, and their keys at the end of its text. */
  #readOwn(): void {
    const tokens = this.#end;
    const start = tag.HEADER_BYTES + this.#view.getUint32(tokens - 4, true);
    if (start > tokens - 4) throw new Error('structures begin past their end');
    this.#at = start;
    const count = this.#varint();
    this.#unit = this.#varint();
    if (count > tokens - start) throw new Error('there are more structures than bytes');
    const own: Structure[] = [];
    for (let index = 0; index < count; index += 1) {
      const length = this.#varint();
      if (length > tokens - start) throw new Error('a structure has more keys than bytes');
      const keys: string[] = [];
      while (keys.length < length) keys.push(this.#string(this.#varint()));
      if (!areKeys(keys)) throw new Error('a structure is not a list of distinct keys');
      own.push(new Structure(keys));
    }
    if (this.#at !== tokens - 4) throw new Error('structures do not end where they should');
    this.#own = own;
    this.#at = tag.HEADER_BYTES;
    this.#end = start;
    this.#unit = 0;
    this.#pieceStart = this.#pieceEnd = 0;
  }

  #varint(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 35; scale *= 0x80) {
      const byte = this.#bytes[this.#at++] as number;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new Error('a number does not end');
  }
}
