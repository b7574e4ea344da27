import test from 'ava';
import { makeDict } from '../support/dict';

test('bytes: a Buffer comes back as a Buffer', (t) => {
  const dict = makeDict(t);
  for (const bytes of [Buffer.alloc(0), Buffer.from([0]), Buffer.alloc(100), Buffer.from('a\0b\0\0'), Buffer.alloc(70_000, 1)]) {
    dict.set('b', bytes);
    const back = dict.get('b') as Buffer;
    t.true(Buffer.isBuffer(back));
    t.true(back.equals(bytes), `${bytes.length} bytes`);
  }
});

test('bytes: a Uint8Array comes back as a Buffer', (t) => {
  const dict = makeDict(t);
  dict.set('b', Uint8Array.of(1, 2, 3));
  const back = dict.get('b') as Buffer;
  t.true(Buffer.isBuffer(back));
  t.deepEqual([...back], [1, 2, 3]);
});

test('bytes: writing to a returned Buffer changes nothing else', (t) => {
  for (const localCache of [true, false]) {
    const dict = makeDict(t, { localCache });
    dict.set('b', Buffer.from('abc'));
    const first = dict.get('b') as Buffer;
    first.fill('x');
    const second = dict.get('b') as Buffer;
    t.is(second.toString(), 'abc');
    t.not(first, second);
    dict.set('b', Buffer.from('def'));
    t.is(second.toString(), 'abc');
  }
});

test('bytes: a stored value does not change with the array it came from', (t) => {
  const dict = makeDict(t);
  const source = Uint8Array.of(1, 2, 3);
  dict.set('b', source);
  source.fill(9);
  t.deepEqual([...(dict.get('b') as Buffer)], [1, 2, 3]);
});

test('bytes: only the viewed part of the memory is stored', (t) => {
  const dict = makeDict(t);
  const memory = Uint8Array.from({ length: 100 }, (_, index) => index).buffer;
  dict.set('b', new Uint8Array(memory, 10, 5));
  t.deepEqual([...(dict.get('b') as Buffer)], [10, 11, 12, 13, 14]);
  dict.set('b', Buffer.from('0123456789').subarray(3, 6));
  t.is((dict.get('b') as Buffer).toString(), '345');
});

test('bytes: a Uint8Array over a SharedArrayBuffer is stored', (t) => {
  const dict = makeDict(t);
  const view = new Uint8Array(new SharedArrayBuffer(8), 2, 4);
  view.set([1, 2, 3, 4]);
  dict.set('b', view);
  t.deepEqual([...(dict.get('b') as Buffer)], [1, 2, 3, 4]);
});

test('bytes: a Uint8Array over a resizable buffer is stored by its present bytes', (t) => {
  const dict = makeDict(t);
  const Resizable = ArrayBuffer as unknown as new (size: number, options: object) => ArrayBuffer & { resize(size: number): void };
  const memory = new Resizable(8, { maxByteLength: 16 });
  const view = new Uint8Array(memory);
  view.fill(5);
  memory.resize(4);
  dict.set('b', view);
  t.deepEqual([...(dict.get('b') as Buffer)], [5, 5, 5, 5]);
});

test('bytes: an array whose memory was transferred away is refused or stored as empty', (t) => {
  const dict = makeDict(t);
  const view = Uint8Array.of(1, 2, 3);
  structuredClone(view.buffer, { transfer: [view.buffer] });
  let stored: boolean;
  try {
    stored = dict.set('b', view);
  } catch (error) {
    t.regex((error as { code: string }).code, /^ERR_INVALID_ARG/);
    stored = false;
  }
  t.is((dict.get('b') as Buffer | undefined)?.length, stored ? 0 : undefined);
});

test('bytes: other typed arrays keep their type', (t) => {
  const dict = makeDict(t);
  for (const array of [
    Int8Array.of(-1, 1),
    Uint8ClampedArray.of(1, 300),
    Int16Array.of(-2, 2),
    Uint32Array.of(2 ** 32 - 1),
    Float32Array.of(0.5),
    Float64Array.of(Math.PI, -0),
    BigInt64Array.of(-(2n ** 63n)),
    BigUint64Array.of(2n ** 64n - 1n),
  ]) {
    dict.set('v', array);
    t.deepEqual(dict.get('v'), array);
  }
});
