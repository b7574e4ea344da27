import test from 'ava';
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

for (const [title, value] of [
  ['alone', MODULE],
  ['in an object', { before: 1, module: MODULE, after: 2 }],
  ['in an array', [MODULE]],
  ['as a key', new Map([[MODULE, 1]])],
  ['in a set', new Set([MODULE])],
  ['twice in an object', { a: MODULE, b: MODULE, c: 1 }],
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
