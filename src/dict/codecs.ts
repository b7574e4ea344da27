// Converts objects to bytes and back. Each entry records its codec: every handle reads what the two built-in codecs
// wrote, and what a codec with the name of its own wrote.
import { types } from 'node:util';
import { checkFunction, checkString } from '../arguments/check.js';
import { isError, ShmError, wrongType, wrongValue } from '../addon/errors.js';
import { CUSTOM, JSON_TEXT, STRUCTURED } from './value-kinds.js';
import { v8 } from '../addon/lazy.js';
import type { Codec } from '../types.js';

/** The codec that a handle writes objects with. */
export interface EntryCodec {
  /** The kind of the values that it writes. */
  readonly kind: number;
  encode(value: object): Uint8Array;
  /** The user's codec, if it is one. Its name decides which entries it can read. */
  readonly custom?: Codec;
}

const structured: EntryCodec = { kind: STRUCTURED, encode: encodeStructured };
const json: EntryCodec = { kind: JSON_TEXT, encode: encodeJson };

/** Checks the option `codec`. */
export function codecOf(option: unknown): EntryCodec {
  if (option === undefined || option === 'structured') return structured;
  if (option === 'json') return json;
  if (typeof option === 'string') throw wrongValue('options.codec', "must be 'structured', 'json' or a codec", option);
  if (typeof option !== 'object' || option === null) throw wrongType('options.codec', "'structured', 'json' or an object", option);
  return customCodec(option as Codec);
}

/** Returns the value of bytes that a codec wrote. */
export function decode(kind: number, bytes: Buffer, own: EntryCodec): unknown {
  switch (kind) {
    case STRUCTURED:
      return decodeStructured(bytes);
    case JSON_TEXT:
      return decodeJson(bytes);
    case CUSTOM:
      return decodeCustom(bytes, own);
    default:
      throw new ShmError('ERR_SHM_UNSUPPORTED', `the value is of kind ${kind}, which this version does not know`);
  }
}

function encodeStructured(value: object): Uint8Array {
  try {
    return v8().serialize(value);
  } catch (error) {
    throw isRefusal(error) ? wrongType('value', `a value that can be cloned (${(error as Error).message})`, value) : error;
  }
}

// V8 refuses functions, symbols and the like with a plain Error. Any other error comes from a getter.
function isRefusal(error: unknown): boolean {
  if (!isError(error)) return false;
  return error.name === 'DataCloneError' || /could not be cloned|unserializable|detached arraybuffer/i.test(error.message);
}

function decodeStructured(bytes: Buffer): unknown {
  try {
    return v8().deserialize(bytes);
  } catch (cause) {
    // In V8's format, as in those of other engines, the first two bytes are a tag and the version.
    const [mark, version = 0] = bytes;
    const [ownMark, ownVersion = 0] = v8().serialize(null);
    if (mark !== ownMark || version > ownVersion) {
      throw new ShmError('ERR_SHM_UNSUPPORTED', 'the value was written by another or a newer JavaScript engine', { cause });
    }
    throw new ShmError('ERR_SHM_CORRUPT', 'the bytes of the value are not valid structured-clone data', { cause });
  }
}

function encodeJson(value: object): Uint8Array {
  try {
    return Buffer.from(JSON.stringify(value, refuseLoss));
  } catch (error) {
    throw /circular structure/i.test(String(error)) ? wrongValue('value', 'must have no cycles', value) : error;
  }
}

// JSON would silently omit these, or replace them with null.
function refuseLoss(key: string, value: unknown): unknown {
  const type = typeof value;
  if (type === 'undefined' || type === 'function' || type === 'symbol' || type === 'bigint') {
    throw wrongType('value', `a value that JSON can represent, also in its property "${key}"`, value);
  }
  return value;
}

function decodeJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString()) as unknown;
  } catch (cause) {
    throw new ShmError('ERR_SHM_CORRUPT', 'the bytes of the value are not valid JSON', { cause });
  }
}

/** Writes the length of the codec's name in one byte, the name, and the encoded value. */
function customCodec(codec: Codec): EntryCodec {
  const name = Buffer.from(checkString('options.codec.name', codec.name));
  checkFunction('options.codec.encode', codec.encode);
  checkFunction('options.codec.decode', codec.decode);
  if (name.length < 1 || name.length > 255) throw wrongValue('options.codec.name', 'must have 1 to 255 bytes', codec.name);
  const header = Buffer.concat([Buffer.of(name.length), name]);
  return {
    kind: CUSTOM,
    encode(value) {
      const bytes: unknown = codec.encode(value);
      if (!types.isUint8Array(bytes)) throw wrongType('codec.encode()', 'a function that returns a Uint8Array', bytes);
      return Buffer.concat([header, bytes]);
    },
    custom: codec,
  };
}

function decodeCustom(bytes: Buffer, own: EntryCodec): unknown {
  const start = 1 + (bytes[0] ?? 0);
  const name = bytes.toString('utf8', 1, start);
  if (own.custom?.name !== name) {
    throw new ShmError('ERR_SHM_UNSUPPORTED', `the value was written by the codec ${JSON.stringify(name)}, which this handle does not have`);
  }
  return own.custom.decode(bytes.subarray(start));
}
