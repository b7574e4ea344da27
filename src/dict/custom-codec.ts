// Codecs of users. A value begins with the length of the codec's name in one byte, and the name.
import { types } from 'node:util';
import { wrongType, wrongValue } from '../addon/errors.js';
import { Uint8Array } from '../addon/intrinsics.js';
import { checkBoolean, checkFunction, checkString } from '../arguments/check.js';
import { encoded } from './fast-calls.js';
import type { Codec } from '../types.js';

/** Names that the option `accept` has for encodings of the package. */
const BUILT_IN = new Set(['plain', 'json', 'structured']);

/** A user's codec, once its declaration has been checked. */
export class CustomCodec {
  readonly name: string;
  readonly #codec: Codec;
  readonly #keepsBytes: boolean;
  /** How its values begin. */
  readonly #header: Buffer;

  constructor(codec: Codec) {
    const name = Buffer.from(checkString('options.codec.name', codec.name));
    checkFunction('options.codec.encode', codec.encode);
    checkFunction('options.codec.decode', codec.decode);
    if (name.length < 1 || name.length > 255) throw wrongValue('options.codec.name', 'must have 1 to 255 bytes', codec.name);
    if (BUILT_IN.has(codec.name)) throw wrongValue('options.codec.name', 'must not be the name of a built-in encoding', codec.name);
    this.name = codec.name;
    this.#codec = codec;
    this.#keepsBytes = checkBoolean('options.codec.keepsBytes', codec.keepsBytes) ?? false;
    this.#header = Buffer.concat([Buffer.of(name.length), name]);
  }

  encode(value: object): Uint8Array {
    const bytes: unknown = this.#codec.encode(value);
    if (!types.isUint8Array(bytes)) throw wrongType('codec.encode()', 'a function that returns a Uint8Array', bytes);
    return Buffer.concat([this.#header, bytes]);
  }

  /** Returns whether a codec of this name wrote the bytes. */
  wrote(bytes: Buffer): boolean {
    const header = this.#header;
    for (let at = 0; at < header.length; at += 1) if (bytes[at] !== header[at]) return false;
    return true;
  }

  decode(bytes: Buffer): unknown {
    const start = this.#header.length;
    if (this.#keepsBytes) return this.#codec.decode(Buffer.from(new Uint8Array(bytes.subarray(start)).buffer));
    // Any other memory is the value's own.
    if (bytes.buffer !== encoded.buffer) return this.#codec.decode(bytes.subarray(start));
    return lend(bytes, start, (lent) => this.#codec.decode(lent));
  }
}

/** Memory that codecs borrow, one for each decoding in progress: a codec may read other values. */
const memories: Buffer[] = [];
let borrowed = 0;

/** Lends a copy of the bytes from `start` on, in memory that is used again once `work` has returned. */
function lend<T>(bytes: Buffer, start: number, work: (lent: Buffer) => T): T {
  let memory = memories[borrowed];
  // A codec can also detach it.
  if (memory === undefined || memory.length === 0) memories[borrowed] = memory = Buffer.allocUnsafeSlow(encoded.length);
  const length = bytes.copy(memory, 0, start);
  borrowed += 1;
  try {
    return work(memory.subarray(0, length));
  } finally {
    borrowed -= 1;
  }
}

/** Returns the name of the codec that wrote the bytes. */
export function codecNameOf(bytes: Buffer): string {
  return bytes.toString('utf8', 1, 1 + (bytes[0] ?? 0));
}
