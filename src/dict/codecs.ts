// Converts objects to bytes and back. Each entry records its codec: every handle reads what the two built-in codecs
// wrote, and what a codec with the name of its own wrote.
import { type Accepted, acceptedOf, checkAccepted } from './accept.js';
import { type ObjectName, ShmError, wrongType, wrongValue } from '../addon/errors.js';
import { codecNameOf, CustomCodec } from './custom-codec.js';
import { decodeJson, encodeJson } from './json.js';
import { decodeStructured, encodeStructured } from './structured.js';
import { CUSTOM, DAMAGED, JSON_TEXT, KIND_BITS, KIND_MASK, RECORD, STRUCTURED } from './value-kinds.js';
import type { HandleId } from '../addon/native.js';
import type { Codec } from '../types.js';
import { setJson } from './fast-calls.js';
import { dict } from './native.js';
import type { HandleRecords } from './records.js';
import type { Stored } from './values.js';

/** The codec that a handle writes objects with. */
export interface EntryCodec {
  encode(value: object): Stored;
  /** Stores a value under no condition in one step, where that takes less time. `ttl` is as the addon takes it. */
  readonly store?: (id: HandleId, key: string, value: object, ttl: number) => boolean;
  /** The user's codec, if it is one. Its name decides which entries it can read. */
  readonly custom?: CustomCodec;
}

/** What a handle writes objects with, and what it reads. */
export interface HandleCodec extends EntryCodec {
  readonly accepted: Accepted;
  /** Whether it reads no strings, numbers, bytes and other values that need no codec. */
  readonly refusesPlain: boolean;
  /** What reads and writes plain data, once the handle is open. */
  readonly records?: HandleRecords;
  /** The dictionary of the handle, for errors. */
  readonly object?: ObjectName;
}

const structured: EntryCodec = { encode: (value) => ({ data: encodeStructured(value), kind: STRUCTURED }) };
const json: EntryCodec = {
  encode: (value) => ({ data: Buffer.from(encodeJson(value)), kind: JSON_TEXT }),
  store(id, key, value, ttl) {
    setJson(id, key, encodeJson(value), ttl);
    return true;
  },
};

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
  const custom = new CustomCodec(option as Codec);
  return { encode: (value) => ({ data: custom.encode(value), kind: CUSTOM }), custom };
}

/** Returns the codec of an open handle. */
export function bindCodec(codec: HandleCodec, records: HandleRecords, object: ObjectName): HandleCodec {
  return { ...codec, ...(codec.encode === structured.encode && plainCodec(records)), records, object };
}

/** Writes plain data as records, and everything else as structured clone does. */
function plainCodec(records: HandleRecords): EntryCodec {
  return {
    encode(value) {
      const data = records.encode(value);
      return data === undefined ? structured.encode(value) : { data, kind: RECORD };
    },
    store: (id, key, value, ttl) => records.store(key, value, ttl) || dict.set(id, key, encodeStructured(value), STRUCTURED, ttl),
  };
}

/** Returns the value of bytes that a codec wrote. */
export function decode(kind: number, bytes: Buffer, own: HandleCodec): unknown {
  switch (kind & KIND_MASK) {
    case STRUCTURED:
      checkAccepted(own.accepted, 'structured');
      return decodeStructured(bytes, kind >> KIND_BITS);
    case RECORD:
      checkAccepted(own.accepted, 'structured');
      if (own.records !== undefined) return own.records.decode(bytes);
      break;
    case JSON_TEXT:
      checkAccepted(own.accepted, 'json');
      return decodeJson(bytes);
    case CUSTOM:
      return decodeCustom(bytes, own);
    case DAMAGED:
      throw new ShmError('ERR_SHM_CORRUPT', 'the bytes of the value are those of no value');
  }
  throw new ShmError('ERR_SHM_UNSUPPORTED', `the value is of kind ${kind}, which this version does not know`);
}

function decodeCustom(bytes: Buffer, { accepted, custom }: HandleCodec): unknown {
  if (custom?.wrote(bytes)) {
    checkAccepted(accepted, custom.name);
    return custom.decode(bytes);
  }
  const name = codecNameOf(bytes);
  checkAccepted(accepted, name);
  throw new ShmError('ERR_SHM_UNSUPPORTED', `the value was written by the codec ${JSON.stringify(name)}, which this handle does not have`);
}
