import v8 from 'node:v8';
import test from 'ava';
import type { SharedDict } from 'shmkit';
import { costOf } from '../support/cost';
import { makeDict } from '../support/dict';
import { NOT_PLAIN, patchFile, setFromTheFuture, setStructuredBytes } from '../support/patch';
import { throwsArgType, throwsArgValue, throwsShm } from '../support/throws';

const { WebAssembly } = globalThis as unknown as { WebAssembly: { Module: new (bytes: Uint8Array) => object } };
const MODULE = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));

test('a value that only a newer engine can read throws ERR_SHM_UNSUPPORTED', (t) => {
  const dict = makeDict(t);
  setFromTheFuture(dict, 'v');
  const error = throwsShm(t, () => dict.get('v'), 'ERR_SHM_UNSUPPORTED');
  t.true(error.message.includes(process.version), error.message);
  throwsShm(t, () => dict.getEntry('v'), 'ERR_SHM_UNSUPPORTED');
  t.true(dict.has('v'));
});

test('an iteration leaves out values that cannot be read, and yields all others', (t) => {
  const dict = makeDict(t);
  for (let index = 0; index < 100; index += 1) dict.set(`k${index}`, { index });
  setFromTheFuture(dict, 'future');
  t.is([...dict].length, 100);
  t.is([...dict.values()].length, 100);
  let calls = 0;
  dict.forEach(() => (calls += 1));
  t.is(calls, 100);
  t.true(dict.getKeys().includes('future'));
  const found = dict.getMany(['k1', 'future', 'k2']);
  t.deepEqual([...found.keys()], ['k1', 'k2']);
});

test('bytes of a value that no engine could have written throw ERR_SHM_CORRUPT', (t) => {
  const dict = makeDict(t);
  dict.set('v', [NOT_PLAIN, 'a value to be damaged', true]);
  patchFile(dict, Buffer.from('a value to be damagedT$'), Buffer.from('a value to be damagedT{'));
  throwsShm(t, () => dict.get('v'), 'ERR_SHM_CORRUPT');
});

test('a damaged value ends an iteration with ERR_SHM_CORRUPT, whose key is the one to delete', (t) => {
  const dict = makeDict(t, { codec: 'json' });
  const keys = Array.from({ length: 100 }, (_, index) => `k${index}`);
  for (const key of keys) dict.set(key, { [`text of ${key}`]: true });
  patchFile(dict, Buffer.from('{"text of k50"'), Buffer.from('{"text of k50!'));
  for (const read of [() => [...dict], () => [...dict.values()], () => dict.forEach(() => {}), () => dict.getMany(keys)]) {
    t.is(throwsShm(t, read, 'ERR_SHM_CORRUPT').key, 'k50');
  }
  dict.delete('k50');
  t.is([...dict].length, 99);
});

for (const [title, value] of [
  ['alone', MODULE],
  ['in an object', { before: 1, module: MODULE, after: 2 }],
  ['in an array', [MODULE]],
  ['as a key', new Map([[MODULE, 1]])],
  ['in a set', new Set([MODULE])],
  ['twice in an object', { a: MODULE, b: MODULE, c: 1 }],
  ['as the cause of an error', new Error('x', { cause: MODULE })],
  ['deep in the cause of an error', [new Error('x', { cause: new Map([[1, { module: MODULE }]]) })]],
] as Array<[string, object]>) {
  test(`set refuses a WebAssembly.Module ${title}`, (t) => {
    const dict = makeDict(t);
    throwsArgType(t, () => dict.set('v', value));
    throwsArgType(t, () => dict.setMany([['v', value]]));
    throwsArgType(t, () => dict.swap('v', value));
    t.false(dict.has('v'));
  });
}

test('set refuses objects of the runtime that V8 would store as empty ones', (t) => {
  const dict = makeDict(t);
  for (const value of [new URL('http://localhost'), new Blob(['x']), new Headers(), new AbortController().signal]) {
    for (const holder of [value, { deep: [value] }, new Map([['k', value]])]) throwsArgType(t, () => dict.set('v', holder), String(value));
  }
  t.true(dict.set('v', { empty: {}, list: [], none: Object.create(null) as object }));
});

test('an array of four billion elements in a few bytes is refused, and ends no iteration', (t) => {
  const dict = makeDict(t);
  const length = [0xff, 0xff, 0xff, 0xff, 0x0f];
  setStructuredBytes(dict, 'bomb', Buffer.of(0xff, 15, 0x61, ...length, 0x40, 0, ...length));
  dict.set('other', { a: 1 });
  throwsShm(t, () => dict.get('bomb'), 'ERR_SHM_UNSUPPORTED');
  t.deepEqual([...dict], [['other', { a: 1 }]]);
});

/** Stores bytes of any length as if V8 had written them. */
function setAsV8(dict: SharedDict, key: string, bytes: Buffer): void {
  const serializer = v8.DefaultSerializer.prototype as { releaseBuffer?: () => Buffer };
  serializer.releaseBuffer = () => bytes;
  try {
    dict.set(key, new Set());
  } finally {
    delete serializer.releaseBuffer;
  }
}

/** Returns a number as V8 writes it. */
function varint(number: number): Buffer {
  const bytes: number[] = [];
  let rest = number;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}

/** Returns the record of a part of the buffer 0. */
function record(first: number, length: number): Buffer {
  const bytes = Buffer.alloc(20);
  bytes.writeDoubleLE(first, 4);
  bytes.writeDoubleLE(length, 12);
  return bytes;
}

/** Returns a value of many views, which show the last or the first of many parts of one buffer. */
function viewsOfParts(ofLast: boolean): Buffer {
  const [views, parts] = [40_000, 12_000];
  // Of class 1, `Uint8Array`: the buffer's number, the position, the length.
  const view = Buffer.of(0x5c, ...varint(128 + 1), 0, ofLast ? 1 : 0, ofLast ? 1 : 0);
  const value = [Buffer.of(0xff, 15, 0x41), varint(views), ...Array.from({ length: views }, () => view), Buffer.of(0x24, 0), varint(views)];
  const count = Buffer.alloc(4);
  count.writeUInt32LE(parts);
  return Buffer.concat([...value, Buffer.of(7), ...Array.from({ length: parts - 1 }, () => record(0, 0)), record(1, 1), count]);
}

test('views of the last of many parts of a buffer are read as fast as those of the first', async (t) => {
  const dict = makeDict(t, { size: '8mb' });
  setAsV8(dict, 'first', viewsOfParts(false));
  setAsV8(dict, 'last', viewsOfParts(true));
  const [first, last] = [await costOf(() => dict.get('first')), await costOf(() => dict.get('last'))];
  const views = dict.get('last') as Uint8Array[];
  t.is(views.length, 40_000);
  t.deepEqual(views.at(-1), Uint8Array.of(7));
  // A search from the first part on takes 40 times as long.
  t.true(last < 5 * first, `${first} us, ${last} us`);
});

test('a value whose parts of a buffer are out of order is refused, and ends no iteration', (t) => {
  const dict = makeDict(t, { size: '8mb' });
  const bytes = viewsOfParts(true);
  // The last record but one, before four bytes with their number.
  record(3, 0).copy(bytes, bytes.length - 4 - 2 * 20);
  setAsV8(dict, 'out of order', bytes);
  dict.set('other', 1);
  throwsShm(t, () => dict.get('out of order'), 'ERR_SHM_UNSUPPORTED');
  t.deepEqual([...dict], [['other', 1]]);
});

test('set refuses an array that is nearly all holes, and stores arrays with some', (t) => {
  const dict = makeDict(t);
  const holes: number[] = [];
  holes[1_000_000] = 1;
  throwsArgValue(t, () => dict.set('v', { holes }));
  const few: number[] = [];
  few[1000] = 1;
  for (const value of [few, Array.from(few), Object.assign([1], { length: 100 }), Object.assign([1], { 2: 3 })]) {
    dict.set('v', value);
    t.deepEqual(dict.get('v'), value);
  }
});

test('an error with a boxed string or another error as its cause comes back', (t) => {
  const dict = makeDict(t);
  for (const cause of [Object('boxed') as object, new RangeError('inner'), 'text', undefined, null]) {
    dict.set('v', new Error('x', { cause }));
    t.deepEqual((dict.get('v') as Error).cause, structuredClone(new Error('x', { cause })).cause);
  }
});
