// Names of keys on the server. A prefix ends in a colon, which no key contains: "app:" and "app:x:" share no key, and what
// one of them is told of the other's keys can be told apart. Braces are escaped too, so that a key cannot choose its slot.
import { ShmError } from 'shmkit';
import { wrongType, wrongValue } from './arguments.js';

const TERMINATOR = ':';
/** The limit of dictionaries in shared memory, so that a key fits into both tiers. */
const LONGEST_KEY = 65_535;
const LONGEST_PREFIX = 1024;
const ESCAPED = /[%:{}\u{D800}-\u{DFFF}]/gu;
const ESCAPE = /%(?:u([0-9A-F]{4})|([0-9A-F]{2}))/g;
// eslint-disable-next-line no-control-regex
const LATIN_1 = /^[\u0000-\u00FF]*$/;
/** Names that are their keys. */
// eslint-disable-next-line no-control-regex
const PLAIN = /^[\u0000-$&-9;-z|~\u007F]*$/;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Checks a key as dictionaries in shared memory do. */
export function checkKey(key: unknown): string {
  if (typeof key !== 'string') throw wrongType('key', 'a non-empty string');
  if (key === '') throw wrongValue('key', 'must be a non-empty string');
  if (key.length > LONGEST_KEY / 2 && key.length * (LATIN_1.test(key) ? 1 : 2) > LONGEST_KEY) {
    throw new ShmError('ERR_SHM_TOO_LARGE', `The key has more than ${LONGEST_KEY} stored bytes`);
  }
  return key;
}

/** Checks a prefix and returns it with its terminator. */
export function checkPrefix(prefix: unknown): string {
  if (typeof prefix !== 'string') throw wrongType('options.prefix', 'of type string');
  if (prefix === '' || prefix.length > LONGEST_PREFIX) throw wrongValue('options.prefix', `must have 1 to ${LONGEST_PREFIX} code units`);
  if (/[{}]/.test(prefix)) throw wrongValue('options.prefix', 'must not contain braces: they would put all keys into one slot');
  if (/[\u{D800}-\u{DFFF}]/u.test(prefix)) throw wrongValue('options.prefix', 'must not contain lone surrogates');
  return prefix.endsWith(TERMINATOR) ? prefix : prefix + TERMINATOR;
}

/** Returns a key as it follows the prefix: without colons, braces and lone surrogates. Distinct keys stay distinct. */
export function escapeKey(key: string): string {
  return key.replace(ESCAPED, (unit) => {
    const hex = unit.charCodeAt(0).toString(16).toUpperCase();
    return unit.charCodeAt(0) > 0xff ? `%u${hex}` : `%${hex}`;
  });
}

/** The names of one dictionary's keys on the server. */
export class KeyNames {
  readonly prefix: string;
  readonly #bytes: Buffer;

  constructor(prefix: string) {
    this.prefix = prefix;
    this.#bytes = Buffer.from(prefix);
  }

  /** Returns the name of a key on the server. Throws for what cannot be a key. */
  of(key: unknown): string {
    return this.prefix + escapeKey(checkKey(key));
  }

  /** Returns the name of a key's lease: in the key's slot, under the prefix, and no name of a key. */
  leaseOf(name: string): string {
    return `${this.prefix}:lease{${name}}`;
  }

  /** Returns the key of a name; `undefined` for a name that is not one of this dictionary's keys. */
  keyOf(name: Uint8Array): string | undefined {
    const bytes = Buffer.from(name.buffer, name.byteOffset, name.byteLength);
    if (bytes.length <= this.#bytes.length || !bytes.subarray(0, this.#bytes.length).equals(this.#bytes)) return undefined;
    const latin1 = bytes.toString('latin1', this.#bytes.length);
    if (PLAIN.test(latin1)) return latin1;
    let text: string;
    try {
      text = utf8.decode(bytes.subarray(this.#bytes.length));
    } catch {
      return undefined;
    }
    const key = text.replace(ESCAPE, (_, wide: string | undefined, narrow: string | undefined) => String.fromCharCode(Number.parseInt(wide ?? narrow ?? '', 16)));
    return escapeKey(key) === text ? key : undefined;
  }

  /** Returns a pattern for SCAN that matches at least all keys that start with `start`. */
  patternOf(start: string): string {
    // The halves of a pair may be on both sides of the end: the other half is not in the name as this one would be.
    const whole = start.replace(/[\uD800-\uDBFF]$/, '');
    return `${(this.prefix + escapeKey(whole)).replace(/[\\*?[\]]/g, '\\$&')}*`;
  }
}
