// Iteration in batches. The addon has the position of a scan; nothing is locked between two batches.
import { ShmError } from '../addon/errors.js';
import { now, setImmediate, Uint32Array, Uint8Array } from '../addon/intrinsics.js';
import type { DictHandle } from './handle.js';
import { BYTES, CUSTOM, JSON_TEXT, KIND_MASK, LIST, RECORD, STRUCTURED } from './value-kinds.js';
import { dict } from './native.js';
import { callFrame } from './call-frame.js';
import { get } from './fast-calls.js';
import { reviveIfReadable, valueIfReadable } from './values.js';

/** Large enough that a call costs little per key. */
const KEYS_PER_BATCH = 1024;
/** A long list grows in parts: V8's collector repeatedly scans an array that it has moved and that still grows. */
const KEYS_PER_PART = 8 * KEYS_PER_BATCH;
/** Values may be large, and a whole batch of them is in memory at once. */
const ENTRIES_PER_BATCH = 32;
/** Buckets of the index, of seven entries at most, that one call looks at when the event loop must not be blocked. */
const BUCKETS_PER_STEP = 64;
/** Milliseconds that a `for await` loop runs before it lets the event loop turn. */
const SLICE = 0.5;
/** The number of keys in a batch, and where each ends in its string. */
const ends = new Uint32Array(1 + KEYS_PER_BATCH);
const endsMemory = new Uint8Array(ends.buffer);
/** How often a key may change between a list and another value during one read. */
const MOST_READS = 100;

/** Ends the scans of iterators that were collected before their end. */
const collected = new FinalizationRegistry<{ handle: DictHandle; scan: number }>(({ handle, scan }) => {
  dict.scanEnd(handle.id, scan);
});

/** One pass over a dictionary. Throws if the handle is closed. */
export class Scan {
  readonly handle: DictHandle;
  /** Whether the iterator yields `PAUSE` after each short step. */
  pauses = false;
  readonly #number: number;
  #more = true;

  constructor(handle: DictHandle, prefix?: string) {
    this.handle = handle;
    this.#number = dict.scanStart(handle.id, prefix);
    collected.register(this, { handle, scan: this.#number }, this);
  }

  get more(): boolean {
    return this.#more;
  }

  /** Appends the next keys to a list, at most as many as asked for. */
  keys(batch: number, list: string[]): void {
    const pieces = dict.scanKeys(this.handle.id, this.#number, batch, this.#buckets, endsMemory);
    this.#more = callFrame.more();
    cut(pieces, list);
  }

  /** Returns the next entries: key, value and kind in turn. */
  entries(): unknown[] {
    const found = dict.scanEntries(this.handle.id, this.#number, ENTRIES_PER_BATCH, this.#buckets);
    this.#more = callFrame.more();
    return found;
  }

  end(): void {
    collected.unregister(this);
    dict.scanEnd(this.handle.id, this.#number);
  }

  get #buckets(): number {
    return this.pauses ? BUCKETS_PER_STEP : 0;
  }
}

/** Appends the keys that `scanKeys` found. To cut longer strings takes a fraction of the time of a string per key. */
function cut(pieces: string[], list: string[]): void {
  const count = ends[0] as number;
  const before = list.length;
  let at = 0;
  let piece = pieces[0] as string;
  let start = 0;
  for (let index = 0; index < count; index += 1) {
    if (start === piece.length) {
      piece = pieces[(at += 1)] as string;
      start = 0;
    }
    const end = ends[index + 1] as number;
    // Not `push`, which V8 does not inline here.
    list[before + index] = piece.slice(start, end);
    start = end;
  }
}

/** Returns all keys, or the first `max` of them. */
export function listKeys(handle: DictHandle, max: number): string[] {
  const scan = new Scan(handle);
  const parts: string[][] = [];
  const wanted = max === 0 ? Number.POSITIVE_INFINITY : max;
  let count = 0;
  let part: string[] = [];
  try {
    while (scan.more && count + part.length < wanted) {
      if (part.length >= KEYS_PER_PART) {
        parts.push(part);
        count += part.length;
        part = [];
      }
      scan.keys(Math.min(wanted - count - part.length, KEYS_PER_BATCH), part);
    }
  } finally {
    scan.end();
  }
  const keys = parts.length === 0 ? part : ([] as string[]).concat(...parts, part);
  return keys.length > wanted ? keys.slice(0, wanted) : keys;
}

/** What an iterator yields instead of an item, so that the event loop can turn. Only if its scan pauses. */
const PAUSE = Symbol('pause') as never;

function* keysIn(scan: Scan): Generator<string, undefined, undefined> {
  try {
    while (scan.more) {
      const keys: string[] = [];
      scan.keys(KEYS_PER_BATCH, keys);
      for (const key of keys) {
        yield key;
        checkOpen(scan.handle);
      }
      if (scan.pauses) yield PAUSE;
    }
  } finally {
    scan.end();
  }
}

function* entriesIn<T>(scan: Scan, make: (key: string, value: unknown) => T): Generator<T, undefined, undefined> {
  try {
    while (scan.more) {
      const batch = scan.entries();
      for (let at = 0; at < batch.length; at += 3) {
        const key = batch[at] as string;
        const value = valueIn(scan.handle, key, batch[at + 1], batch[at + 2] as number);
        if (value === undefined) continue;
        yield make(key, value);
        checkOpen(scan.handle);
      }
      if (scan.pauses) yield PAUSE;
    }
  } finally {
    scan.end();
  }
}

/** An iterator that can also be used by `for await`, which then does not block the event loop. */
export type DictGenerator<T> = Generator<T, undefined, undefined> & { [Symbol.asyncIterator](): AsyncGenerator<T, undefined, undefined> };

export function keysOf(scan: Scan): DictGenerator<string> {
  return unblocking(scan, keysIn(scan));
}

export function entriesOf<V>(scan: Scan): DictGenerator<[string, V]> {
  return unblocking(scan, entriesIn<[string, V]>(scan, (key, value) => [key, value as V]));
}

export function valuesOf<V>(scan: Scan): DictGenerator<V> {
  return unblocking(scan, entriesIn<V>(scan, (_, value) => value as V));
}

/** Adds the method that `for await` uses. */
function unblocking<T>(scan: Scan, iterator: Generator<T, undefined, undefined>): DictGenerator<T> {
  return Object.assign(iterator, { [Symbol.asyncIterator]: () => inSlices(scan, iterator) });
}

/** Yields what the iterator does, and lets the event loop turn in between. */
async function* inSlices<T>(scan: Scan, iterator: Generator<T, undefined, undefined>): AsyncGenerator<T, undefined, undefined> {
  let since = now();
  try {
    for (;;) {
      const { done, value } = step(scan, iterator);
      if (done) return undefined;
      if (value !== PAUSE) yield value;
      if (now() - since < SLICE) continue;
      await turn();
      since = now();
    }
  } finally {
    iterator.return(undefined);
  }
}

function step<T>(scan: Scan, iterator: Generator<T, undefined, undefined>): IteratorResult<T, undefined> {
  scan.pauses = true;
  try {
    return iterator.next();
  } finally {
    scan.pauses = false;
  }
}

/** Resolves in a later turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function checkOpen(handle: DictHandle): void {
  if (handle.id === 0) throw new ShmError('ERR_SHM_CLOSED', 'the handle was closed during the iteration', { object: handle.object });
}

function valueIn(handle: DictHandle, key: string, value: unknown, kind: number): unknown {
  switch (kind & KIND_MASK) {
    case LIST:
      if (handle.codec.refusesPlain) return undefined;
      return readListOrValue(handle, key);
    case BYTES:
    case STRUCTURED:
    case JSON_TEXT:
    case CUSTOM:
    case RECORD:
      return reviveIfReadable(value as Buffer, kind, handle.codec, key);
    default:
      return handle.codec.refusesPlain ? undefined : value;
  }
}

// A scan returns only the length of a list. When its items are read, it may be gone or no longer a list.
function readListOrValue(handle: DictHandle, key: string): unknown {
  for (let read = 0; read < MOST_READS; read += 1) {
    try {
      const items = dict.listRange(handle.id, key, 0, -1);
      return items.length > 0 ? items : undefined;
    } catch (error) {
      if (!isWrongType(error)) throw error;
    }
    try {
      return valueIfReadable(get(handle.id, key), handle.codec, key);
    } catch (error) {
      if (!isWrongType(error)) throw error;
    }
  }
  throw new ShmError('ERR_SHM_WRONG_TYPE', `the key ${JSON.stringify(key)} changes between a list and other values faster than it can be read`, { object: handle.object, key });
}

function isWrongType(error: unknown): boolean {
  return error instanceof ShmError && error.code === 'ERR_SHM_WRONG_TYPE';
}
