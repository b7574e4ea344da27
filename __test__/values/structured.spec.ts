import test from 'ava';
import { makeDict } from '../support/dict';

const CASES: Array<[string, unknown]> = [
  ['an empty object', {}],
  ['an empty array', []],
  ['nested objects and arrays', { a: [1, { b: [null, 'x', true] }], c: { d: {} } }],
  ['a Date', new Date(1e12)],
  ['an invalid Date', new Date(Number.NaN)],
  ['a Map', new Map<unknown, unknown>([['a', 1], [{ k: 1 }, new Set([1])]])],
  ['a Set', new Set([1, 'two', { three: 3 }])],
  ['a RegExp', /a+b/gi],
  ['a large bigint inside an object', { big: 2n ** 200n }],
  ['special numbers inside an array', [Number.NaN, -0, Number.POSITIVE_INFINITY]],
  ['strings of every kind', ['latin1 ÿ', '東京', '\ud800']],
  ['keys of every kind', { '': 1, a: 2, 'ÿ': 3, '東京': 4, constructor: 5 }],
  ['boxed primitives', [Object(1), Object('s'), Object(true)]],
  ['an error', new RangeError('message')],
];

for (const [title, value] of CASES) {
  test(`structured clone: ${title} comes back the same`, (t) => {
    const dict = makeDict(t);
    dict.set('v', value as object);
    t.deepEqual(dict.get('v'), value);
    t.not(dict.get('v'), value);
  });
}

test('structured clone: an object read twice is two objects', (t) => {
  const dict = makeDict(t);
  dict.set('v', { list: [1] });
  const first = dict.get('v') as { list: number[] };
  first.list.push(2);
  t.deepEqual(dict.get('v'), { list: [1] });
});

test('structured clone: cycles and shared references survive', (t) => {
  const dict = makeDict(t);
  const shared = { n: 1 };
  const value: Record<string, unknown> = { left: shared, right: shared };
  value['self'] = value;
  dict.set('v', value);
  const back = dict.get('v') as Record<string, unknown>;
  t.is(back['self'], back);
  t.is(back['left'], back['right']);
});

test('structured clone: __proto__ as an own property pollutes nothing', (t) => {
  const dict = makeDict(t);
  dict.set('v', JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}'));
  const back = dict.get('v') as Record<string, unknown>;
  t.is(({} as Record<string, unknown>)['polluted'], undefined);
  t.is(back['constructor'], 1);
});

test('structured clone: a Buffer and a typed array inside an object keep their bytes', (t) => {
  const dict = makeDict(t);
  dict.set('v', { bytes: Buffer.from('abc'), floats: Float64Array.of(1, 2) });
  const back = dict.get('v') as { bytes: Uint8Array; floats: Float64Array };
  t.is(Buffer.from(back.bytes).toString(), 'abc');
  t.deepEqual([...back.floats], [1, 2]);
});

test('structured clone: an object of a megabyte comes back the same', (t) => {
  const dict = makeDict(t, { size: '16mb' });
  const value = Array.from({ length: 20_000 }, (_, index) => ({ index, name: `name ${index}` }));
  dict.set('v', value);
  t.deepEqual(dict.get('v'), value);
});
