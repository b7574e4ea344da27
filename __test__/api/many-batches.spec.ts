import test from 'ava';
import { SharedDict, type ShmError } from 'shmkit';
import { makeDict, openAgain } from '../support/dict';
import { seeded } from '../support/random';
import { throwsArgType, throwsArgument, throwsShm } from '../support/throws';

type Counted = Error & { count: number };

const LONG = 'long '.repeat(2000);

/** Returns a value of any type, in an order that mixes them. */
const VALUES: ReadonlyArray<readonly [string, unknown]> = [
  ['text', 'a plain text of more than thirteen characters'],
  ['number', -0.5],
  ['ключ', 'value of a wide key'],
  ['empty', ''],
  ['object', { nested: [1, { two: 2n }], date: new Date(0) }],
  ['wide', 'Grüße aus 東京 😀'],
  ['one-byte key ÿ', 'one-byte value ÿ \u0080 \u0000'],
  ['half \ud800', 'half \udc00 pair \ud800'],
  ['true', true],
  ['false', false],
  ['null', null],
  ['bytes', Buffer.from([0, 255, 1])],
  ['no bytes', Buffer.alloc(0)],
  ['bigint', -(2n ** 63n)],
  ['long', LONG],
  ['long and wide', `${LONG}東`],
  ['256', 'x'.repeat(256)],
  ['257', 'x'.repeat(257)],
  ['256 wide', '東'.repeat(256)],
  ['257 wide', '東'.repeat(257)],
  ['4096', 'y'.repeat(4096)],
  ['4097', 'y'.repeat(4097)],
  ['-0', -0],
  ['infinity', Number.NEGATIVE_INFINITY],
  ['NaN', Number.NaN],
  ['\0', '\0'],
  ['k'.repeat(500), 'value of a long key'],
];

for (const localCache of [false, true]) {
  const where = localCache ? 'with the local cache' : 'without the local cache';

  test(`setMany and getMany pass values of all types together, ${where}`, (t) => {
    const dict = makeDict(t, { localCache });
    t.is(dict.setMany(VALUES), VALUES.length);
    for (const [key, value] of VALUES) t.deepEqual(dict.get(key), value, key);
    t.deepEqual([...dict.getMany(VALUES.map(([key]) => key))], VALUES as Array<[string, unknown]>);
    const again = dict.getMany(VALUES.map(([key]) => key).toReversed());
    t.deepEqual([...again], VALUES.toReversed() as Array<[string, unknown]>);
    t.is(dict.deleteMany(VALUES.map(([key]) => key)), VALUES.length);
    t.is(dict.size, 0);
  });

  test(`getMany keeps the order of the keys and leaves out missing ones, ${where}`, (t) => {
    const dict = makeDict(t, { localCache });
    dict.setMany(VALUES);
    const wanted = VALUES.flatMap(([key]) => [`missing ${key}`, key, key]);
    dict.get('number');
    t.deepEqual([...dict.getMany(wanted)], VALUES as Array<[string, unknown]>);
    t.is(dict.getMany(['missing', 'missing']).size, 0);
  });

  test(`getMany returns what another handle wrote since, ${where}`, (t) => {
    const dict = makeDict(t, { localCache });
    const other = openAgain(t, dict);
    dict.setMany([['a', 'first'], ['b', 'first'], ['c', 'first']]);
    dict.get('a');
    dict.get('b');
    other.set('a', 'second');
    other.delete('b');
    t.deepEqual([...dict.getMany(['c', 'b', 'a'])], [['c', 'first'], ['a', 'second']]);
  });

  test(`setMany and getMany take a hundred thousand keys in one call, ${where}`, (t) => {
    const dict = makeDict(t, { size: '32mb', localCache });
    const entries = Array.from({ length: 100_000 }, (_, index) => [`key ${index}`, index % 3 === 0 ? index : `value of ${index}`] as const);
    t.is(dict.setMany(entries), entries.length);
    t.is(dict.size, entries.length);
    const found = dict.getMany(entries.map(([key]) => key));
    t.is(found.size, entries.length);
    for (const [key, value] of entries) if (found.get(key) !== value) t.fail(`${key}: ${String(found.get(key))}`);
    t.is(dict.deleteMany(entries.map(([key]) => key)), entries.length);
    t.is(dict.size, 0);
  });
}

test('setMany and getMany pass many random strings unchanged', (t) => {
  const random = seeded(t);
  const dict = makeDict(t, { size: '16mb' });
  const text = (most: number) =>
    String.fromCharCode(...Array.from({ length: 1 + random(most) }, () => random(random(3) === 0 ? 0x1_0000 : 0x100)));
  for (let round = 0; round < 20; round += 1) {
    const entries = new Map(Array.from({ length: 1 + random(600) }, () => [text(40), text(random(10) === 0 ? 1000 : 50)]));
    t.is(dict.setMany(entries), entries.size);
    t.deepEqual([...dict.getMany(entries.keys())], [...entries]);
    t.is(dict.deleteMany(entries.keys()), entries.size);
  }
});

test('setMany keeps the last value when a key occurs twice, whatever the types', (t) => {
  const dict = makeDict(t);
  t.is(dict.setMany([['a', 1], ['a', 'two'], ['b', { x: 1 }], ['b', 2], ['c', 3], ['c', Buffer.from('3')]]), 6);
  t.deepEqual([...dict.getMany(['a', 'b', 'c', 'a'])], [['a', 'two'], ['b', 2], ['c', Buffer.from('3')]]);
  t.is(dict.deleteMany(['a', 'a']), 1);
});

test('setMany applies conditions and TTLs to values of every type', (t) => {
  const dict = makeDict(t);
  dict.set('number', 1);
  dict.set('object', 1);
  t.is(dict.setMany(VALUES, { ifAbsent: true, ttl: 50 }), VALUES.length - 2);
  t.is(dict.get('number'), 1);
  t.is(dict.ttl('number'), 0);
  for (const [key] of VALUES) if (key !== 'number' && key !== 'object') t.true((dict.ttl(key) as number) > 40, key);
  t.is(dict.setMany([['new', 1], ['number', 2], ['newer', {}], ['object', 2]], { ifPresent: true }), 2);
  t.false(dict.has('new') || dict.has('newer'));
});

test('setMany stops in the middle of a long list when a value does not fit', (t) => {
  const dict = makeDict(t, { size: '256kb' });
  const entries = Array.from({ length: 1000 }, (_, index) => [`k${index}`, 'x'.repeat(index % 7 === 0 ? 5000 : 500)] as const);
  const error = throwsShm(t, () => dict.setMany(entries), 'ERR_SHM_FULL') as ShmError & { count: number };
  t.true(error.count > 0 && error.count < entries.length);
  t.is(dict.size, error.count);
  t.true(dict.has(`k${error.count - 1}`));
});

test('setMany stops at a wrong entry and keeps the entries before it', (t) => {
  const wrong: ReadonlyArray<readonly [string, unknown, () => unknown]> = [
    ['a key that is a number', [5, 1], () => makeDict(t).set(5 as never, 1)],
    ['an empty key', ['', 1], () => makeDict(t).set('', 1)],
    ['a key that is too long', ['x'.repeat(70_000), 1], () => makeDict(t).set('x'.repeat(70_000), 1)],
    ['a value that is undefined', ['x', undefined], () => makeDict(t).set('x', undefined)],
    ['a function', ['x', () => 1], () => makeDict(t).set('x', () => 1)],
    ['a symbol in an object', ['x', { y: Symbol('y') }], () => makeDict(t).set('x', { y: Symbol('y') })],
    ['a bigint of 65 bits', ['x', 2n ** 64n], () => makeDict(t).set('x', 2n ** 64n)],
  ];
  for (const [name, entry, single] of wrong) {
    for (const before of [0, 1, 255, 256, 257, 600]) {
      const dict = makeDict(t);
      const entries = [...Array.from({ length: before }, (_, index) => [`k${index}`, index]), entry, ['after', 1]];
      const error = t.throws(() => dict.setMany(entries as never), undefined, name) as Counted & { code: string };
      const expected = t.throws(single) as Error & { code: string };
      // The message ends with the dictionary's name.
      t.is(error.message.split(' (dictionary')[0], expected.message.split(' (dictionary')[0], name);
      t.is(error.code, expected.code, name);
      t.is(error.count, before, name);
      t.is(dict.size, before, name);
    }
  }
});

function* twoAndThrow(): Generator<readonly [string, number]> {
  yield ['a', 1];
  yield ['b', 2];
  throw new Error('enough');
}

test('setMany keeps the entries before an iterable threw, and the error counts them', (t) => {
  const dict = makeDict(t);
  const error = t.throws(() => dict.setMany(twoAndThrow()), { message: 'enough' }) as Counted;
  t.is(error.count, 2);
  t.is(dict.size, 2);
});

test('setMany and getMany may be called by codecs and iterables of such a call', (t) => {
  const inner = makeDict(t);
  const nested = () => {
    t.is(inner.setMany([['x', 'inner x'], ['y', 2]]), 2);
    t.deepEqual([...inner.getMany(['y', 'x'])], [['y', 2], ['x', 'inner x']]);
  };
  const codec = {
    name: 'nested',
    encode: (value: object) => (nested(), Buffer.from(JSON.stringify(value))),
    decode: (bytes: Uint8Array) => (nested(), JSON.parse(Buffer.from(bytes).toString()) as object),
  };
  const dict = makeDict(t, { codec } as never);
  function* entries(): Generator<readonly [string, unknown]> {
    for (let index = 0; index < 10; index += 1) {
      nested();
      yield [`k${index}`, index % 2 === 0 ? `text ${index}` : { index }];
    }
  }
  t.is(dict.setMany(entries()), 10);
  const expected = Array.from({ length: 10 }, (_, index) => [`k${index}`, index % 2 === 0 ? `text ${index}` : { index }]);
  t.deepEqual([...dict.getMany(expected.map(([key]) => key as string))], expected as Array<[string, unknown]>);
});

test('getMany and deleteMany check every key before they use one', (t) => {
  const dict = makeDict(t);
  dict.set('a', 1);
  throwsArgType(t, () => dict.deleteMany(['a', 5 as never]));
  throwsArgument(t, () => dict.deleteMany(['a', '']));
  throwsArgument(t, () => dict.getMany(['a', ...Array.from<string>({ length: 2 })]));
  t.is(dict.size, 1);
  throwsShm(t, () => dict.getMany(['a', 'x'.repeat(70_000)]), 'ERR_SHM_TOO_LARGE');
});

test('getMany, setMany and deleteMany throw when the handle is closed or read-only', (t) => {
  const dict = makeDict(t);
  dict.set('a', 1);
  const reader = SharedDict.open(dict.name, { readOnly: true });
  t.is(reader.getMany(['a']).get('a'), 1);
  const refused = throwsShm(t, () => reader.setMany([['b', 1]]), 'ERR_SHM_READONLY') as ShmError & { count: number };
  t.is(refused.count, 0);
  throwsShm(t, () => reader.deleteMany(['a']), 'ERR_SHM_READONLY');
  reader.close();
  throwsShm(t, () => reader.getMany(['a']), 'ERR_SHM_CLOSED');
  throwsShm(t, () => reader.setMany([['a', 1]]), 'ERR_SHM_CLOSED');
  throwsShm(t, () => reader.deleteMany(['a']), 'ERR_SHM_CLOSED');
});

test('stats counts each key of getMany, setMany and deleteMany', (t) => {
  const dict = makeDict(t, { localCache: false });
  dict.setMany([['a', 1], ['b', 2], ['c', 3]]);
  dict.getMany(['a', 'b', 'x']);
  dict.deleteMany(['a', 'x']);
  const { sets, hits, misses, deletes } = dict.stats();
  t.deepEqual({ sets, hits, misses, deletes }, { sets: 3, hits: 2, misses: 1, deletes: 1 });
});
