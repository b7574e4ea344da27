import test from 'ava';
import { makeDict } from '../support/dict';

type Views = Record<string, ArrayBufferView & { buffer: ArrayBuffer }>;

const CLASSES = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
] as ReadonlyArray<new (buffer: ArrayBuffer, offset?: number, length?: number) => ArrayBufferView>;

function counted(bytes: number): ArrayBuffer {
  return Uint8Array.from({ length: bytes }, (_, index) => index + 1).buffer as ArrayBuffer;
}

for (const View of CLASSES) {
  test(`a ${View.name} inside an object comes out as structuredClone makes it, with its buffer`, (t) => {
    const dict = makeDict(t);
    const value = { view: new View(counted(24)) };
    dict.set('v', value);
    const back = dict.get('v') as typeof value;
    const clone = structuredClone(value);
    t.deepEqual(back, clone);
    t.is(back.view.constructor, View);
    t.is(back.view.buffer.byteLength, 24);
    t.is(back.view.byteOffset, 0);
  });

  test(`a ${View.name} of a part of a buffer comes out with that part alone`, (t) => {
    const dict = makeDict(t);
    dict.set('v', { view: new View(counted(32), 8, 1) });
    const { view } = dict.get('v') as { view: ArrayBufferView };
    const wanted = new View(counted(32), 8, 1);
    t.deepEqual(view, structuredClone(new View(counted(32).slice(8, 8 + wanted.byteLength))));
    t.is(view.buffer.byteLength, wanted.byteLength);
  });
}

test('an ArrayBuffer inside an object stays one buffer with all views of it, whole and in part', (t) => {
  const dict = makeDict(t);
  const buffer = counted(32);
  const orders: Array<Record<string, unknown>> = [
    { buffer, whole: new Uint8Array(buffer), part: new Uint16Array(buffer, 8, 4) },
    { part: new Uint16Array(buffer, 8, 4), whole: new Uint8Array(buffer), buffer },
    { part: new Uint16Array(buffer, 8, 4), buffer },
    { whole: new Uint8Array(buffer), part: new Uint16Array(buffer, 8, 4) },
  ];
  for (const value of orders) {
    dict.set('v', value);
    const back = dict.get('v') as Views & { buffer: ArrayBuffer };
    t.deepEqual(back, structuredClone(value) as never);
    const buffers = new Set(Object.values(back).map((item) => (ArrayBuffer.isView(item) ? item.buffer : item)));
    t.is(buffers.size, 1, Object.keys(value).join());
  }
});

test('two views of parts of one buffer share a buffer again, which has no other bytes', (t) => {
  const dict = makeDict(t);
  const buffer = counted(64);
  dict.set('v', { left: new Uint8Array(buffer, 10, 4), right: new Uint16Array(buffer, 20, 3) });
  const { left, right } = dict.get('v') as { left: Uint8Array; right: Uint16Array };
  t.deepEqual([...left], [11, 12, 13, 14]);
  t.deepEqual([...right], [...new Uint16Array(buffer, 20, 3)]);
  t.is(left.buffer, right.buffer);
  t.deepEqual([...new Uint8Array(left.buffer)], [11, 12, 13, 14, 0, 0, 0, 0, 0, 0, 21, 22, 23, 24, 25, 26]);
  left[0] = 99;
  t.is(new Uint8Array(right.buffer)[left.byteOffset], 99);
});

test('the same view twice is one view, and a view of no bytes stays one', (t) => {
  const dict = makeDict(t);
  const view = new Uint8Array(counted(8), 2, 3);
  dict.set('v', { a: view, b: view, none: new Float64Array(0), empty: new Uint8Array(counted(8), 3, 0) });
  const back = dict.get('v') as Record<string, Uint8Array>;
  t.is(back['a'], back['b']);
  t.is(back['none']?.length, 0);
  t.is(back['empty']?.length, 0);
});

test("a Buffer inside an object brings none of the pool's other bytes, and shares no buffer", (t) => {
  const dict = makeDict(t);
  const secret = Buffer.from('SECRET of another request');
  const value = { a: Buffer.from('12345678'), b: Buffer.from('abcdefgh'), c: secret.subarray(3, 3) };
  dict.set('v', value);
  const back = dict.get('v') as Record<string, Buffer>;
  t.deepEqual(back, value);
  for (const view of Object.values(back)) {
    t.true(Buffer.isBuffer(view));
    t.is(view.buffer.byteLength, view.length);
    t.not(view.buffer, Buffer.from('x').buffer);
  }
  const cloned = structuredClone(back['a'], { transfer: [back['a']?.buffer as ArrayBuffer] });
  t.is(Buffer.from(cloned as Uint8Array).toString(), '12345678');
  t.is(back['b']?.toString(), 'abcdefgh');
});

test('Buffers of the pool that overlap stay together', (t) => {
  const dict = makeDict(t);
  const whole = Buffer.from('0123456789');
  dict.set('v', [whole.subarray(0, 6), whole.subarray(4)]);
  const [left, right] = dict.get('v') as [Buffer, Buffer];
  t.is(left.toString() + right.toString(), '012345456789');
  t.is(left.buffer, right.buffer);
  t.is(left.buffer.byteLength, 10);
});

test('views of a buffer that threads share come out with a copy of their bytes', (t) => {
  const dict = makeDict(t);
  const shared = new SharedArrayBuffer(8);
  new Uint8Array(shared).set([1, 2, 3, 4, 5, 6, 7, 8]);
  dict.set('v', { a: new Uint8Array(shared), b: new Uint16Array(shared, 2, 1) });
  const { a, b } = dict.get('v') as { a: Uint8Array; b: Uint16Array };
  t.deepEqual([...a], [1, 2, 3, 4, 5, 6, 7, 8]);
  t.is(a.buffer, b.buffer);
  t.true(a.buffer instanceof ArrayBuffer);
});

test('a resizable buffer stays one, where the runtime has them', (t) => {
  const Resizable = ArrayBuffer as unknown as new (size: number, options: object) => ArrayBuffer & { resizable?: boolean };
  const buffer = new Resizable(4, { maxByteLength: 16 });
  const dict = makeDict(t);
  dict.set('v', { buffer, view: new Uint8Array(buffer) });
  const back = dict.get('v') as { buffer: typeof buffer; view: Uint8Array };
  t.is(back.buffer.resizable, buffer.resizable);
  t.is(back.view.buffer, back.buffer);
  t.is(back.view.length, 4);
});

test('buffers in a cycle, a Map, a Set and an error keep their place', (t) => {
  const dict = makeDict(t);
  const bytes = Uint8Array.of(1, 2, 3);
  const value: Record<string, unknown> = { map: new Map([[bytes, bytes]]), set: new Set([bytes]), error: new Error('x', { cause: bytes }) };
  value['self'] = value;
  dict.set('v', value);
  const back = dict.get('v') as { map: Map<Uint8Array, Uint8Array>; set: Set<Uint8Array>; error: Error; self: unknown };
  const [[key, item] = []] = back.map;
  t.is(key, item);
  t.true(back.set.has(key as Uint8Array));
  t.is(back.error.cause, key);
  t.is(back.self, back);
  t.deepEqual(key, bytes);
});
