// Converts objects to bytes and back. Each entry records its codec: every handle reads what the two built-in codecs
// wrote, and what a codec with the name of its own wrote.
import { types } from 'node:util';
import { type Accepted, acceptedOf, checkAccepted } from './accept.js';
import { checkFunction, checkString } from '../arguments/check.js';
import { type ObjectName, ShmError, wrongType, wrongValue } from '../addon/errors.js';
import { Uint8Array } from '../addon/intrinsics.js';
import { decodeJson, encodeJson } from './json.js';
import { decodeStructured, encodeStructured } from './structured.js';
import { CUSTOM, JSON_TEXT, KIND_BITS, KIND_MASK, STRUCTURED } from './value-kinds.js';
import type { Codec } from '../types.js';

/** The codec that a handle writes objects with. */
export interface EntryCodec {
  /** The kind of the values that it writes. */
  readonly kind: number;
  encode(value: object): Uint8Array;
  /** The user's codec, if it is one. Its name decides which entries it can read. */
  readonly custom?: Codec;
}

/** What a handle writes objects with, and what it reads. */
export interface HandleCodec extends EntryCodec {
  readonly accepted: Accepted;
  /** Whether it reads no strings, numbers, bytes and other values that need no codec. */
  readonly refusesPlain: boolean;
  /** The dictionary of the handle, for errors. */
  readonly object?: ObjectName;
}

const structured: EntryCodec = { kind: STRUCTURED, encode: encodeStructured };
const json: EntryCodec = { kind: JSON_TEXT, encode: encodeJson };

/** Checks the options `codec` and `accept`. */
export function codecOf(option: unknown, accept: unknown): HandleCodec {
  const codec = writerOf(option);
  const accepted = acceptedOf(accept, codec === json);
  return { ...codec, accepted, refusesPlain: accepted !== undefined && !accepted.has('plain') };
}

function writerOf(option: unknown): EntryCodec {
  if (option === undefined || option === 'structured') return structured;
  if (option === 'json') return json;
  if (typeof option === 'string') throw wrongValue('options.codec', "must be 'structured', 'json' or a codec", option);
  if (typeof option !== 'object' || option === null) throw wrongType('options.codec', "'structured', 'json' or an object", option);
  return customCodec(option as Codec);
}

/** Returns the value of bytes that a codec wrote. */
export function decode(kind: number, bytes: Buffer, own: HandleCodec): unknown {
  switch (kind & KIND_MASK) {
    case STRUCTURED:
      checkAccepted(own.accepted, 'structured');
      return decodeStructured(bytes, kind >> KIND_BITS);
    case JSON_TEXT:
      checkAccepted(own.accepted, 'json');
      return decodeJson(bytes);
    case CUSTOM:
      return decodeCustom(bytes, own);
    default:
      throw new ShmError('ERR_SHM_UNSUPPORTED', `the value is of kind ${kind}, which this version does not know`);
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

function decodeCustom(bytes: Buffer, own: HandleCodec): unknown {
  const start = 1 + (bytes[0] ?? 0);
  const name = bytes.toString('utf8', 1, start);
  checkAccepted(own.accepted, name);
  if (own.custom?.name !== name) {
    throw new ShmError('ERR_SHM_UNSUPPORTED', `the value was written by the codec ${JSON.stringify(name)}, which this handle does not have`);
  }
  // A copy of its own, which the codec may keep: the bytes may be in memory that the next call uses again.
  return own.custom.decode(Buffer.from(new Uint8Array(bytes.subarray(start)).buffer));
}
