// Reading encoded values. Any user of the server may have written the bytes, so every length is compared with what is
// left before anything is allocated, and depth is bounded.
import { ShmError } from 'shmkit';
import { DEEPEST, TAG, TYPED } from './encoding.js';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** What `Array` holds at an index that it lacks. */
const HOLE = Symbol('hole');

/** Returns the value of all of `bytes`. Throws `ERR_SHM_UNSUPPORTED` for bytes that encode no value. */
export function decode(bytes: Buffer): unknown {
  const reader = new Reader(bytes);
  const value = reader.whole();
  if (!reader.isAtEnd || value === HOLE || value === undefined) throw unreadable();
  return value;
}

/** Returns the error for bytes that are no value of this package's. */
export function unreadable(): ShmError {
  return new ShmError('ERR_SHM_UNSUPPORTED', 'The server has a value that this version of shmkit did not write and cannot read');
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  whole(): unknown {
    if (this.#bytes[0] !== TAG.json) return this.#value(0);
    this.#at = 1;
    try {
      return JSON.parse(this.#text());
    } catch {
      throw unreadable();
    }
  }

  #value(depth: number): unknown {
    if (depth > DEEPEST) throw unreadable();
    switch (this.#byte()) {
      case TAG.null:
        return null;
      case TAG.true:
        return true;
      case TAG.false:
        return false;
      case TAG.undefined:
        return undefined;
      case TAG.hole:
        return HOLE;
      case TAG.number:
        return this.#take(8).readDoubleBE();
      case TAG.bigint:
        return this.#take(8).readBigInt64BE();
      case TAG.large:
        return this.#large();
      case TAG.string:
        return this.#text();
      case TAG.units:
        return this.#blob().toString('utf16le');
      case TAG.bytes:
        return Buffer.from(this.#blob());
      case TAG.date:
        return new Date(this.#take(8).readDoubleBE());
      case TAG.typed:
        return this.#typed();
      default:
        this.#at -= 1;
        return this.#container(depth + 1);
    }
  }

  #container(depth: number): unknown {
    switch (this.#byte()) {
      case TAG.array:
        return this.#array(depth);
      case TAG.object:
        return this.#object(depth);
      case TAG.map:
        return this.#map(depth);
      case TAG.set:
        return this.#set(depth);
      default:
        throw unreadable();
    }
  }

  #array(depth: number): unknown[] {
    const count = this.#count(1);
    const array: unknown[] = [];
    for (let index = 0; index < count; index += 1) {
      const element = this.#value(depth);
      if (element === HOLE) array.length = index + 1;
      else array.push(element);
    }
    return array;
  }

  // Both grow with what was read: a length takes no memory before its elements are there.
  #set(depth: number): Set<unknown> {
    const set = new Set();
    for (let left = this.#count(1); left > 0; left -= 1) set.add(this.#own(depth));
    return set;
  }

  #map(depth: number): Map<unknown, unknown> {
    const map = new Map();
    for (let left = this.#count(2); left > 0; left -= 1) map.set(this.#own(depth), this.#own(depth));
    return map;
  }

  #object(depth: number): object {
    const object = {};
    const count = this.#count(2);
    for (let index = 0; index < count; index += 1) {
      const key = this.#own(depth);
      if (typeof key !== 'string') throw unreadable();
      const value = this.#own(depth);
      // Defined, not assigned: "__proto__" is a key like any other.
      if (key === '__proto__') Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
      else (object as Record<string, unknown>)[key] = value;
    }
    return object;
  }

  /** Returns a value that is not a hole, which only arrays have. */
  #own(depth: number): unknown {
    const value = this.#value(depth);
    if (value === HOLE) throw unreadable();
    return value;
  }

  #typed(): unknown {
    const name = TYPED[this.#byte()];
    const blob = this.#blob();
    if (name === undefined) throw unreadable();
    const buffer = new Uint8Array(blob).buffer;
    if (name === 'ArrayBuffer') return buffer;
    if (name === 'DataView') return new DataView(buffer);
    const Class = globalThis[name];
    if (buffer.byteLength % Class.BYTES_PER_ELEMENT !== 0) throw unreadable();
    return new Class(buffer);
  }

  #large(): bigint {
    const isNegative = this.#byte() === 1;
    const blob = this.#blob();
    // Converting digits takes more than linear time.
    if (blob.length === 0 || blob.length > 65_536) throw unreadable();
    const magnitude = BigInt(`0x${blob.toString('hex')}`);
    return isNegative ? -magnitude : magnitude;
  }

  #text(): string {
    try {
      return utf8.decode(this.#blob());
    } catch (error) {
      throw error instanceof ShmError ? error : unreadable();
    }
  }

  #blob(): Buffer {
    return this.#take(this.#count(1));
  }

  /** Returns a number of things that take at least `size` bytes each. */
  #count(size: number): number {
    let count = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.#byte();
      count += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
      if (scale > 0xffff_ffff) throw unreadable();
    }
    if (count * size > this.#bytes.length - this.#at) throw unreadable();
    return count;
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw unreadable();
    this.#at += 1;
    return byte;
  }

  #take(size: number): Buffer {
    const end = this.#at + size;
    if (end > this.#bytes.length) throw unreadable();
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }
}
