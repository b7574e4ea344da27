// What stands in the tier in shared memory: values, and marks in their places. Strings, numbers and the like are stored as
// they are; objects as they came from the server.
import type { Codec } from 'shmkit';
import { decode } from './decoding.js';
import { encode } from './encoding.js';

/** Stands for a key that is being fetched, or that the server is known to lack. */
export class Mark {
  /** The fetch that put it there; empty: the server lacks the key. */
  readonly fetch: string;

  constructor(fetch: string) {
    this.fetch = fetch;
  }
}

/** The mark of keys that the server lacks. */
export const MISSING = new Mark('');

/** An object as it came from the server, to be stored without being encoded again. */
export class Encoded {
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
}

const MARK = 0;
const VALUE = 1;

export const tierCodec: Codec = {
  name: 'shmkit.valkey',
  encode(value) {
    if (value instanceof Mark) return Buffer.concat([Buffer.of(MARK), Buffer.from(value.fetch, 'latin1')]);
    return Buffer.concat([Buffer.of(VALUE), value instanceof Encoded ? value.bytes : encode(value)]);
  },
  decode(bytes) {
    if (bytes[0] !== MARK) return decode(bytes.subarray(1));
    return bytes.length === 1 ? MISSING : new Mark(bytes.toString('latin1', 1));
  },
};
