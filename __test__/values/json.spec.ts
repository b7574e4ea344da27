import test from 'ava';
import { makeDict } from '../support/dict';
import { throwsArgument, throwsArgType } from '../support/throws';

test("codec 'json': a property that is undefined is left out", (t) => {
  const dict = makeDict(t, { codec: 'json' });
  t.true(dict.set('v', { a: undefined, b: [{ c: undefined }] }));
  t.deepEqual(dict.get('v'), { b: [{}] });
});

test("codec 'json': an object that says itself what it is in JSON is stored as that", (t) => {
  const dict = makeDict(t, { codec: 'json' });
  dict.set('v', { at: new Date(0), link: new URL('http://localhost/x'), own: { toJSON: () => 'mine' } });
  t.deepEqual(dict.get('v'), { at: '1970-01-01T00:00:00.000Z', link: 'http://localhost/x', own: 'mine' });
});

const LOST: Array<[string, unknown]> = [
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-0', -0],
  ['a Map', new Map([['a', 1]])],
  ['a Set', new Set([1])],
  ['a bigint', 1n],
  ['an element that is undefined', [undefined]],
  ['a hole', Object.assign([1], { 2: 3 })],
  ['an array with a property', Object.assign([1], { more: 2 })],
  ['a function', () => 1],
  ['a symbol', Symbol('s')],
  ['a RegExp', /a/],
  ['an error', new Error('x')],
  ['an invalid Date', new Date(Number.NaN)],
  ['a typed array', Uint16Array.of(1)],
  ['a Buffer', Buffer.from('x')],
  ['an ArrayBuffer', new ArrayBuffer(4)],
  ['a boxed number', Object(1)],
  ['a Blob', new Blob(['x'])],
  ['a WeakMap', new WeakMap()],
];

for (const [title, value] of LOST) {
  test(`codec 'json': ${title} inside an object is refused before anything is touched`, (t) => {
    const dict = makeDict(t, { codec: 'json' });
    dict.set('v', 'kept');
    throwsArgType(t, () => dict.set('v', { deep: [value] }));
    throwsArgType(t, () => dict.swap('v', { value }));
    t.is(dict.get('v'), 'kept');
  });
}

test("codec 'json': objects that JSON would lose as a whole are refused", (t) => {
  const dict = makeDict(t, { codec: 'json' });
  for (const value of [new Map(), new Set(), /a/, new Error('x'), new Float64Array(1), { toJSON: () => undefined }]) {
    throwsArgType(t, () => dict.set('v', value as object));
  }
  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  throwsArgument(t, () => dict.set('v', cycle));
});
