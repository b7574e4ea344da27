// Writes plain data as bytes and a text, in one pass that also finds what is not plain.
import { types } from 'node:util';
import { keysOf, type Node, type Table } from './table.js';
import * as tag from './tags.js';

/** What one value, without the strings and elements in it, takes at most. */
const MARGIN = 16;
/** Objects that are searched one by one, before a set takes less time. */
const FEW = 12;

const ObjectPrototype = Object.prototype;
const { getPrototypeOf, hasOwn, keys: listKeys } = Object;
const { isArray } = Array;
const titleOf = ObjectPrototype.toString;
const { isDate, isProxy } = types;

/** Returns the milliseconds of a `Date`. */
export type TimeOf = (date: Date) => number;

let values = 0;

export class Writer {
  bytes: Uint8Array;
  at = 0;
  /** The strings of the value, one after another. */
  text = '';
  /** Structures of the value that are not shared. */
  readonly own: Node[] = [];
  readonly #first: Uint8Array;
  readonly #timeOf: TimeOf;
  #view: DataView;
  #limit: number;
  #table!: Table;
  #node!: Node;
  #depth = 0;
  #value = 0;
  #objects = 0;
  readonly #few: unknown[] = Array.from({ length: FEW });
  #many: Set<unknown> | undefined;

  /** Writes into `memory` as long as the value fits. */
  constructor(memory: Uint8Array, timeOf: TimeOf) {
    this.#first = this.bytes = memory;
    this.#view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
    this.#limit = memory.length - MARGIN;
    this.#timeOf = timeOf;
  }

  /** Returns whether the bytes are in the memory that the writer was made with. */
  get isSmall(): boolean {
    return this.bytes === this.#first;
  }

  /** Writes a value. Returns false, with nothing of use written, if it is not plain. */
  write(value: object, table: Table): boolean {
    for (const _ in ObjectPrototype) return false;
    table.trim();
    this.#table = table;
    this.#node = table.root;
    this.#value = values += 1;
    this.at = 0;
    this.text = '';
    this.own.length = 0;
    if (this.bytes !== this.#first) this.#use(this.#first);
    try {
      return this.#object(value) && this.own.length <= tag.MOST_OWN;
    } finally {
      this.#few.fill(undefined, 0, Math.min(this.#objects, FEW));
      this.#many = undefined;
      this.#objects = 0;
      this.#depth = 0;
    }
  }

  /** Appends the value's own structures. Returns the header, without the bit for a wide text. */
  finish(): number {
    const { own } = this;
    if (own.length === 0) return this.at;
    const start = this.at;
    this.#varint(own.length);
    this.#varint(this.text.length);
    for (const node of own) {
      const keys = keysOf(node);
      this.#varint(keys.length);
      for (const key of keys) {
        this.#varint(key.length);
        this.text += key;
      }
    }
    if (this.at > this.#limit) this.#grow();
    this.#view.setUint32(this.at, start, true);
    this.at += 4;
    return this.at | tag.HAS_OWN;
  }

  #any(value: unknown): boolean {
    if (this.at > this.#limit) this.#grow();
    switch (typeof value) {
      case 'string':
        this.#string(value);
        return true;
      case 'number':
        this.#number(value);
        return true;
      case 'boolean':
        this.bytes[this.at++] = value ? tag.TRUE : tag.FALSE;
        return true;
      case 'object':
        if (value !== null) return this.#object(value);
        this.bytes[this.at++] = tag.NULL;
        return true;
      case 'undefined':
        this.bytes[this.at++] = tag.UNDEFINED;
        return true;
      case 'bigint':
        return this.#bigint(value);
      default:
        return false;
    }
  }

  #string(value: string): void {
    const { length } = value;
    if (length < tag.SHORT_STRING) {
      this.bytes[this.at++] = tag.STRING | length;
    } else if (length < 256) {
      this.bytes[this.at++] = tag.STRING8;
      this.bytes[this.at++] = length;
    } else {
      this.bytes[this.at++] = tag.STRING32;
      this.#view.setUint32(this.at, length, true);
      this.at += 4;
    }
    this.text += value;
  }

  #number(value: number): void {
    if (value !== (value | 0) || (value === 0 && 1 / value < 0)) return this.#double(tag.DOUBLE, value);
    if (value >= 0 && value < tag.STRING) {
      this.bytes[this.at++] = value;
    } else if (value >= -0x8000 && value < 0x8000) {
      this.bytes[this.at++] = tag.INT16;
      this.#view.setInt16(this.at, value, true);
      this.at += 2;
    } else {
      this.bytes[this.at++] = tag.INT32;
      this.#view.setInt32(this.at, value, true);
      this.at += 4;
    }
  }

  #double(type: number, value: number): void {
    this.bytes[this.at++] = type;
    this.#view.setFloat64(this.at, value, true);
    this.at += 8;
  }

  #bigint(value: bigint): boolean {
    if (BigInt.asIntN(64, value) !== value) return false;
    this.bytes[this.at++] = tag.BIGINT;
    this.#view.setBigInt64(this.at, value, true);
    this.at += 8;
    return true;
  }

  #object(value: object): boolean {
    if (isProxy(value) || !this.#isNew(value) || this.#depth >= tag.DEEPEST) return false;
    this.#depth += 1;
    const isWritten = isArray(value) ? this.#array(value) : this.#single(value);
    this.#depth -= 1;
    return isWritten;
  }

  #single(value: object): boolean {
    const prototype = getPrototypeOf(value) as object | null;
    if (prototype === ObjectPrototype || prototype === null || isForeign(prototype)) {
      return titleOf.call(value) === '[object Object]' && this.#record(value as Record<string, unknown>);
    }
    if (!isDate(value)) return false;
    const time = this.#timeOf(value);
    if (Number.isNaN(time)) return false;
    this.#double(tag.DATE, time);
    return true;
  }

  #record(value: Record<string, unknown>): boolean {
    const start = this.at;
    this.at += 3;
    let node = this.#node;
    for (const key in value) {
      node = node.nextKey === key ? (node.next as Node) : this.#table.step(node, key);
      if (!this.#any(value[key])) return false;
    }
    const { bytes } = this;
    if (node.depth === 0) {
      this.at = start + 1;
      bytes[start] = tag.EMPTY;
      return true;
    }
    const number = node.number >= 0 ? node.number : this.#ownNumber(node);
    bytes[start] = tag.RECORD;
    bytes[start + 1] = number & 0xff;
    bytes[start + 2] = number >> 8;
    return number >= 0;
  }

  /** Returns the number of a structure that is not shared; -1 if it can be none. */
  #ownNumber(node: Node): number {
    if (node.ownOf !== this.#value) {
      if (keysOf(node).includes('__proto__')) return -1;
      node.ownOf = this.#value;
      node.own = this.own.push(node) - 1 + tag.FIRST_OWN;
    }
    return node.own;
  }

  #array(value: readonly unknown[]): boolean {
    const { length } = value;
    // Faster than to count them in the addon.
    if (listKeys(value).length !== length) return false;
    if (length < tag.SHORT_ARRAY) {
      this.bytes[this.at++] = tag.ARRAY + length;
    } else {
      this.bytes[this.at++] = tag.ARRAY32;
      this.#view.setUint32(this.at, length, true);
      this.at += 4;
    }
    for (let index = 0; index < length; index += 1) {
      const item = value[index];
      if (typeof item === 'number') {
        // Here and not in `#any`, so that the numbers of an array are not put into objects first.
        if (this.at > this.#limit) this.#grow();
        this.#number(item);
        continue;
      }
      if ((item === undefined && !hasOwn(value, index)) || !this.#any(item)) return false;
    }
    return value.length === length;
  }

  /** Returns whether an object is met for the first time. */
  #isNew(value: object): boolean {
    const before = this.#objects;
    this.#objects += 1;
    if (before < FEW) {
      for (let index = 0; index < before; index += 1) if (this.#few[index] === value) return false;
      this.#few[before] = value;
      return true;
    }
    this.#many ??= new Set(this.#few);
    return this.#many.size < this.#many.add(value).size;
  }

  #varint(value: number): void {
    if (this.at > this.#limit) this.#grow();
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.bytes[this.at++] = (rest & 0x7f) | 0x80;
    this.bytes[this.at++] = rest;
  }

  #grow(): void {
    const larger = Buffer.allocUnsafeSlow(this.bytes.length * 2);
    larger.set(this.bytes);
    this.#use(larger);
  }

  #use(memory: Uint8Array): void {
    this.bytes = memory;
    this.#view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
    this.#limit = memory.length - MARGIN;
  }
}

/** Returns whether this is the prototype of plain objects in another realm, and without properties of users. */
function isForeign(prototype: object): boolean {
  if (getPrototypeOf(prototype) !== null || !hasOwn(prototype, 'isPrototypeOf')) return false;
  for (const _ in prototype) return false;
  return true;
}
