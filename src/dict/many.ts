// Several keys in one call, each of them atomic by itself.
import { Float64Array, Uint8Array } from '../addon/intrinsics.js';
import * as batch from './batch.js';
import { MOST_ENTRIES, type Records, withRecords } from './batch.js';
import { checkIterable, checkKey } from '../arguments/check.js';
import type { HandleCodec } from './codecs.js';
import { isError, wrongType, wrongValue } from '../addon/errors.js';
import type { DictHandle } from './handle.js';
import { dict } from './native.js';
import { ALWAYS, IF_VERSION, type WriteOptions, writeOptions } from './write-options.js';
import { reviveIfReadable, storedOf } from './values.js';

/** Code units that are joined before a call. */
const MOST_UNITS = 32_768;
/** Longer strings are written in calls of their own, because joining them would copy them once more. */
const MOST_JOINED = 4096;

/** Returns the existing keys with their values. */
export function getMany<V>(handle: DictHandle, keys: unknown): Map<string, V> {
  const found = new Map<string, V>();
  const list = checkedKeys(keys);
  const { cache } = handle;
  if (cache === undefined) {
    inParts(list, (part, records) => fetch(handle, part, records, found));
    return found;
  }
  // Keys keep their order, so a missed one is put in as a placeholder.
  const missed: string[] = [];
  for (const key of list) {
    const cached = cache.read(key);
    if (cached === undefined) missed.push(key);
    found.set(key, cached as V);
  }
  inParts(missed, (part, records) => fetch(handle, part, records, found));
  for (const key of missed) if (found.get(key) === undefined) found.delete(key);
  return found;
}

/** Returns the number of stored entries. Errors have the number of those stored before. */
export function setMany(handle: DictHandle, entries: unknown, ttlArgument: unknown): number {
  const options = writeOptions(ttlArgument);
  if (options.condition === IF_VERSION) throw wrongValue('options.ifVersion', 'cannot be used with several keys', ttlArgument);
  return withRecords((records) => {
    const writer = new Writer(handle, records);
    try {
      try {
        for (const entry of checkIterable<unknown>('entries', entries)) {
          if (!Array.isArray(entry)) throw wrongType('entries', 'an iterable of [key, value] or [key, value, ttl] arrays', entry);
          if (entry[2] === undefined) writer.write(entry[0], entry[1], options);
          else writer.write(entry[0], entry[1], writeOptions(entry[2]));
        }
      } finally {
        // Entries before a wrong one are stored too.
        writer.flush();
      }
    } catch (error) {
      throw isError(error) ? Object.assign(error, { count: writer.stored }) : error;
    }
    return writer.stored;
  });
}

/** Returns the number of keys that existed. */
export function deleteMany(handle: DictHandle, keys: unknown): number {
  let count = 0;
  inParts(checkedKeys(keys), (part, records) => {
    const joined = batch.joinKeys(part, records);
    count += dict.deleteMany(handle.id, joined, part.length, records.bytes);
  });
  return count;
}

// Checks all keys before the first is used, so that a wrong one changes nothing.
function checkedKeys(keys: unknown): string[] {
  const list = Array.isArray(keys) ? keys.slice() : Array.from(checkIterable('keys', keys));
  for (let index = 0; index < list.length; index += 1) checkKey(list[index]);
  return list as string[];
}

function inParts(keys: string[], work: (part: string[], records: Records) => void): void {
  withRecords((records) => {
    for (let at = 0; at < keys.length; at += MOST_ENTRIES) {
      work(keys.length <= MOST_ENTRIES ? keys : keys.slice(at, at + MOST_ENTRIES), records);
    }
  });
}

/** Adds the values of existing keys to `found`. */
function fetch(handle: DictHandle, keys: string[], records: Records, found: Map<string, unknown>): void {
  const joined = batch.joinKeys(keys, records);
  const returned = dict.getMany(handle.id, joined, keys.length, records.bytes);
  if (typeof returned === 'string') {
    if (!handle.codec.refusesPlain) cut(keys, returned, records, found);
    return;
  }
  const values = new Values(returned, records, handle.codec);
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index] as string;
    const value = values.next(key);
    if (value !== undefined) found.set(key, value);
  }
}

// The most frequent case, one-byte strings and values in the records, without any step that it does not need.
function cut(keys: string[], joined: string, { words, numbers }: Records, found: Map<string, unknown>): void {
  let start = 0;
  for (let index = 0; index < keys.length; index += 1) {
    const form = words[4 * index + 5] as number;
    if ((form & 7) === batch.TEXT) {
      const end = start + (form >>> batch.FORM_BITS);
      found.set(keys[index] as string, joined.slice(start, end));
      start = end;
    } else if (form === batch.NUMBER) {
      found.set(keys[index] as string, numbers[2 * index + 3]);
    } else if (form !== batch.MISSING) {
      found.set(keys[index] as string, form === batch.NULL ? null : form === batch.TRUE);
    }
  }
}

/** The result of the addon's `getMany` when it is more than one string, value by value. */
class Values {
  readonly #narrow: string;
  readonly #wide: string;
  /** After the two strings: other values, each with its kind. */
  readonly #parts: unknown[];
  readonly #records: Records;
  readonly #codec: HandleCodec;
  #entry = 0;
  #narrowAt = 0;
  #wideAt = 0;
  #partAt = 2;

  constructor(returned: unknown[], records: Records, codec: HandleCodec) {
    this.#parts = returned;
    this.#narrow = returned[0] as string;
    this.#wide = returned[1] as string;
    this.#records = records;
    this.#codec = codec;
  }

  /** Returns the value of the next key, `undefined` if it is missing. */
  next(key: string): unknown {
    const entry = ++this.#entry;
    const form = this.#records.words[4 * entry + 1] as number;
    const length = form >>> batch.FORM_BITS;
    if (this.#codec.refusesPlain && form !== batch.OTHER) return undefined;
    switch (form & 7) {
      case batch.TEXT:
        return this.#narrow.slice(this.#narrowAt, (this.#narrowAt += length));
      case batch.WIDE_TEXT:
        return this.#wide.slice(this.#wideAt, (this.#wideAt += length));
      case batch.NUMBER:
        return this.#records.numbers[2 * entry + 1];
      case batch.TRUE:
        return true;
      case batch.FALSE:
        return false;
      case batch.NULL:
        return null;
      case batch.OTHER:
        return this.#other(key);
      default:
        return undefined;
    }
  }

  #other(key: string): unknown {
    const value = this.#parts[this.#partAt];
    const kind = this.#parts[this.#partAt + 1] as number;
    this.#partAt += 2;
    return typeof value === 'object' ? reviveIfReadable(value as Buffer, kind, this.#codec, key) : this.#codec.refusesPlain ? undefined : value;
  }
}

/** Collects entries and writes them together. Entries that do not fit into a record are written by themselves, in order. */
class Writer {
  stored = 0;
  readonly #handle: DictHandle;
  readonly #records: Records;
  /** Expiries of the collected entries. */
  readonly #ttls = new Float64Array(MOST_ENTRIES);
  /** Whether they differ. */
  #hasOwnTtls = false;
  #condition = ALWAYS;
  /** The expiry of all collected entries at the time of the call, if it is a point in time. */
  #later: WriteOptions['later'];
  #joined = '';
  #count = 0;

  constructor(handle: DictHandle, records: Records) {
    this.#handle = handle;
    this.#records = records;
  }

  write(key: unknown, value: unknown, options: WriteOptions): void {
    if (typeof key !== 'string' || key === '' || options.condition === IF_VERSION) return this.#single(key as string, value, options);
    if (options.condition !== this.#condition || options.later !== this.#later) this.flush();
    const { words, numbers } = this.#records;
    const at = 4 * this.#count + 4;
    let joined = this.#joined + key;
    if (typeof value === 'string' && value.length <= MOST_JOINED) {
      words[at + 1] = batch.TEXT | (value.length << batch.FORM_BITS);
      joined += value;
    } else if (typeof value === 'number') {
      words[at + 1] = batch.NUMBER;
      numbers[(at >> 1) + 1] = value;
    } else {
      const form = formOf(value);
      if (form === batch.OTHER) return this.#single(key, value, options);
      words[at + 1] = form;
    }
    words[at] = key.length;
    this.#condition = options.condition;
    this.#later = options.later;
    this.#ttls[this.#count] = options.ttl;
    this.#hasOwnTtls ||= options.ttl !== this.#ttls[0];
    this.#joined = joined;
    this.#count += 1;
    if (this.#count === MOST_ENTRIES || joined.length > MOST_UNITS) this.flush();
  }

  flush(): void {
    const count = this.#count;
    if (count === 0) return;
    const joined = this.#joined;
    this.#count = 0;
    this.#joined = '';
    const { words, bytes } = this.#records;
    words[0] = 0;
    try {
      const ttls = this.#ttls;
      if (this.#later !== undefined) ttls[0] = this.#later();
      const own = this.#hasOwnTtls ? [new Uint8Array(ttls.buffer, 0, count * ttls.BYTES_PER_ELEMENT)] : [];
      this.#hasOwnTtls = false;
      dict.setMany(this.#handle.id, joined, count, bytes, ttls[0] as number, this.#condition, ...own);
    } finally {
      this.stored += words[0];
    }
  }

  #single(key: string, value: unknown, { ttl, condition, version, later }: WriteOptions): void {
    this.flush();
    const { id, codec } = this.#handle;
    const { data, kind } = storedOf(value, codec);
    if (dict.set(id, key, data, kind, later?.() ?? ttl, condition, version)) this.stored += 1;
  }
}

/** Returns the form of a value that is neither a string nor a number; OTHER if it fits into no record. */
function formOf(value: unknown): number {
  if (typeof value === 'boolean') return value ? batch.TRUE : batch.FALSE;
  return value === null ? batch.NULL : batch.OTHER;
}
