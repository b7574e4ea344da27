// Values as bytes that stand for themselves: a tag for each value, lengths, and no reference to anything else.
// docs/guide/valkey.md describes the form, for programs in other languages.
import { types } from 'node:util';
import { outOfRange, wrongType, wrongValue } from './arguments.js';

/** Tags, as characters: a stored value can be looked at with the server's own tools. */
export const TAG = {
  null: 0x6e, // n
  true: 0x74, // t
  false: 0x66, // f
  number: 0x64, // d: 8 bytes
  bigint: 0x69, // i: 8 bytes, two's complement
  large: 0x49, // I: sign, length, digits of the magnitude
  string: 0x73, // s: length, UTF-8
  units: 0x75, // u: length, UTF-16LE, for strings that are not well-formed
  bytes: 0x62, // b: length, bytes
  array: 0x61, // a: count, elements
  object: 0x6f, // o: count, keys and values
  map: 0x6d, // m: count, keys and values
  set: 0x65, // e: count, members
  date: 0x44, // D: 8 bytes
  typed: 0x79, // y: kind, length, bytes
  undefined: 0x76, // v
  hole: 0x68, // h
  json: 0x6a, // j: length, UTF-8; only as the whole value
} as const;

/** Deeper values are refused, when written and when read. */
export const DEEPEST = 256;
/** The kinds of typed arrays, by their number. The form of their elements is little-endian. */
export const TYPED = ['Int8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array', 'DataView', 'ArrayBuffer'] as const;
const INT64_LIMIT = 2n ** 63n;

/** Objects are stored in the binary form, or as JSON text for programs in other languages. */
export type Form = 'binary' | 'json';

/** Returns the encoded value. Throws `ERR_INVALID_ARG_TYPE` for what has no encoding, before anything is sent. */
export function encode(value: unknown, form: Form = 'binary'): Buffer {
  if (value === undefined) throw wrongType('value', 'a value that can be stored, not undefined');
  if (typeof value === 'bigint' && (value >= INT64_LIMIT || value < -INT64_LIMIT)) throw outOfRange('value', 'a bigint of 64 bits');
  const writer = new Writer();
  if (form === 'json' && typeof value === 'object' && value !== null && !types.isUint8Array(value)) writer.json(value);
  else writer.value(value, 0);
  return writer.finish();
}

class Writer {
  #bytes = Buffer.allocUnsafe(64);
  #length = 0;
  readonly #open = new Set<object>();

  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  json(value: object): void {
    const text = JSON.stringify(value);
    if (typeof text !== 'string') throw wrongType('value', 'a value that JSON can represent');
    this.#text(TAG.json, text);
  }

  value(value: unknown, depth: number): void {
    switch (typeof value) {
      case 'string':
        return isWellFormed(value) ? this.#text(TAG.string, value) : this.#blob(TAG.units, Buffer.from(value, 'utf16le'));
      case 'number':
        return this.#double(TAG.number, value);
      case 'boolean':
        return this.#tag(value ? TAG.true : TAG.false);
      case 'bigint':
        return this.#bigint(value);
      case 'undefined':
        return this.#tag(TAG.undefined);
      case 'object':
        return value === null ? this.#tag(TAG.null) : this.#object(value, depth);
      default:
        throw wrongType('value', `free of values of type ${typeof value}`);
    }
  }

  #object(value: object, depth: number): void {
    if (depth >= DEEPEST) throw wrongValue('value', `is more than ${DEEPEST} levels deep`);
    if (this.#open.has(value)) throw wrongValue('value', 'contains itself');
    if (types.isUint8Array(value)) return this.#blob(TAG.bytes, value);
    if (types.isDate(value)) return this.#double(TAG.date, Date.prototype.getTime.call(value));
    if (ArrayBuffer.isView(value) || types.isArrayBuffer(value)) return this.#typed(value);
    this.#open.add(value);
    if (Array.isArray(value)) this.#array(value, depth + 1);
    else if (types.isMap(value)) this.#pairs(TAG.map, value.size, value.entries(), depth + 1);
    else if (types.isSet(value)) this.#members(value, depth + 1);
    else this.#plain(value, depth + 1);
    this.#open.delete(value);
  }

  #array(value: readonly unknown[], depth: number): void {
    this.#tag(TAG.array);
    this.#count(value.length);
    for (let index = 0; index < value.length; index += 1) {
      if (index in value) this.value(value[index], depth);
      else this.#tag(TAG.hole);
    }
  }

  #members(value: Set<unknown>, depth: number): void {
    this.#tag(TAG.set);
    this.#count(value.size);
    for (const member of value) this.value(member, depth);
  }

  #pairs(tag: number, count: number, pairs: Iterable<[unknown, unknown]>, depth: number): void {
    this.#tag(tag);
    this.#count(count);
    for (const [key, value] of pairs) {
      this.value(key, depth);
      this.value(value, depth);
    }
  }

  /** An instance of a class is stored as its properties, as in shared memory. */
  #plain(value: object, depth: number): void {
    const what = Object.prototype.toString.call(value).slice(8, -1);
    if (types.isProxy(value) || types.isExternal(value) || isOfRuntime(value)) throw wrongType('value', `free of objects that have no encoding (${what})`);
    const entries = Object.entries(value);
    this.#pairs(TAG.object, entries.length, entries, depth);
  }

  #typed(value: ArrayBufferView | ArrayBuffer): void {
    const name = Object.prototype.toString.call(value).slice(8, -1);
    const kind = TYPED.indexOf(name as (typeof TYPED)[number]);
    if (kind < 0) throw wrongType('value', `free of objects that have no encoding (${name})`);
    this.#tag(TAG.typed);
    this.#tag(kind);
    const bytes = types.isArrayBuffer(value) ? new Uint8Array(value) : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    this.#count(bytes.length);
    this.#append(bytes);
  }

  #bigint(value: bigint): void {
    if (value < INT64_LIMIT && value >= -INT64_LIMIT) {
      this.#tag(TAG.bigint);
      const at = this.#room(8);
      this.#length = this.#bytes.writeBigInt64BE(value, at);
      return;
    }
    const digits = (value < 0n ? -value : value).toString(16);
    this.#tag(TAG.large);
    this.#tag(value < 0n ? 1 : 0);
    const magnitude = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
    this.#count(magnitude.length);
    this.#append(magnitude);
  }

  #double(tag: number, value: number): void {
    this.#tag(tag);
    const at = this.#room(8);
    this.#length = this.#bytes.writeDoubleBE(value, at);
  }

  #text(tag: number, text: string): void {
    const size = Buffer.byteLength(text);
    this.#tag(tag);
    this.#count(size);
    const at = this.#room(size);
    this.#length = at + this.#bytes.write(text, at, 'utf8');
  }

  #blob(tag: number, bytes: Uint8Array): void {
    this.#tag(tag);
    this.#count(bytes.length);
    this.#append(bytes);
  }

  #tag(tag: number): void {
    const at = this.#room(1);
    this.#bytes[at] = tag;
    this.#length = at + 1;
  }

  /** Seven bits a byte, lowest first; the high bit says that more follow. */
  #count(count: number): void {
    let rest = count;
    for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) this.#tag((rest % 0x80) + 0x80);
    this.#tag(rest);
  }

  #append(bytes: Uint8Array): void {
    const at = this.#room(bytes.length);
    this.#bytes.set(bytes, at);
    this.#length = at + bytes.length;
  }

  /** Makes room for more bytes and returns where they go. They may then be in another buffer than before. */
  #room(size: number): number {
    if (this.#length + size > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + size));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    return this.#length;
  }
}

/** Returns whether a string has a form in UTF-8, which lone surrogates have not. */
function isWellFormed(text: string): boolean {
  return !/[\u{D800}-\u{DFFF}]/u.test(text);
}

/** Returns whether an object has a state that its properties do not show. */
function isOfRuntime(value: object): boolean {
  return types.isRegExp(value) || types.isNativeError(value) || types.isBoxedPrimitive(value) || types.isPromise(value) || types.isWeakMap(value) || types.isWeakSet(value) || types.isSharedArrayBuffer(value) || types.isGeneratorObject(value);
}
