import { execFileSync } from 'node:child_process';
import { isDeepStrictEqual } from 'node:util';
import vm from 'node:vm';
import test from 'ava';
import { SharedDict } from 'shmkit';
import { makeDict, openAgain } from '../support/dict';
import { generator, randomSeed, seeded } from '../support/random';
import { throwsArgType } from '../support/throws';
import { differenceOf, randomValue } from '../support/values';

function account(index: number): object {
  return { identifier: index, description: 'text', isVerified: true, permissions: ['read'], preferences: { interface: 'dark', language: 'en' } };
}

for (let part = 1; part <= 10; part += 1) {
  test(`get returns what structuredClone returns, for 10,000 random values, part ${part}`, (t) => {
    const random = seeded(t);
    const dict = makeDict(t, { size: '8mb', localCache: false });
    const reader = openAgain(t, dict, { readOnly: true });
    for (let count = 0; count < 10_000; count += 1) {
      const value = randomValue(random);
      const expected = structuredClone(value);
      dict.set('key', value);
      const difference = differenceOf(expected, (count % 2 === 0 ? dict : reader).get('key'));
      if (difference !== undefined) t.fail(`value ${count}: ${difference}`);
      if (count % 1000 === 0) t.is(differenceOf(expected, dict.getEntry('key')?.value), undefined);
    }
    t.deepEqual(dict.verify(), { ok: true, problems: [] });
  });
}

/** Around each length and number at which a format could change its form. */
const EDGES = [65_534, 65_535, 65_536, 65_537];
const LENGTHS = [...Array.from({ length: 301 }, (_, length) => length), ...EDGES];
const POWERS = Array.from({ length: 54 }, (_, power) => 2 ** power);

const sized: Record<string, (length: number) => unknown> = {
  'an array of numbers': (length) => Array.from({ length }, (_, index) => index),
  'an array of texts': (length) => Array.from({ length }, (_, index) => `text ${index}`),
  'an array of objects': (length) => Array.from({ length }, (_, index) => ({ index })),
  'an array of arrays': (length) => Array.from({ length }, (_, index) => [index, null]),
  'a text': (length) => 'x'.repeat(length),
  'a text of wide characters': (length) => '東'.repeat(length),
  'a text with a wide end': (length) => `${'x'.repeat(length)}ß`,
  'an array of a bigint': (length) => [2n ** BigInt(length % 1024)],
  'an object of bytes': (length) => ({ bytes: new Uint8Array(length).fill(length) }),
  'a map': (length) => new Map(Array.from({ length }, (_, index) => [index, `${index}`])),
  'a set': (length) => new Set(Array.from({ length }, (_, index) => index)),
};

for (const [title, make] of Object.entries(sized)) {
  test(`${title} of every length up to 300, and of some larger ones, comes back the same`, (t) => {
    const dict = makeDict(t, { size: '64mb', localCache: false });
    for (const length of LENGTHS) {
      const value = make(length);
      dict.set('alone', value);
      dict.set('inside', { before: 1, value, after: 'it' });
      if (!isDeepStrictEqual(value, dict.get('alone'))) t.fail(`${length}, alone`);
      if (!isDeepStrictEqual({ before: 1, value, after: 'it' }, dict.get('inside'))) t.fail(`${length}, inside`);
    }
    t.deepEqual(dict.verify(), { ok: true, problems: [] });
  });
}

test('objects of up to 300 properties, and of depths up to 300, come back the same', (t) => {
  const dict = makeDict(t, { size: '64mb', localCache: false });
  let deep: object = {};
  for (let count = 0; count <= 300; count += 1) {
    const wide = Object.fromEntries(Array.from({ length: count }, (_, index) => [`key${index}`, index]));
    for (const value of [wide, deep, { wide, deep }]) {
      dict.set('key', value);
      if (!isDeepStrictEqual(value, dict.get('key'))) t.fail(`${count}`);
    }
    deep = count % 2 === 0 ? [deep] : { deep };
  }
  t.deepEqual(dict.verify(), { ok: true, problems: [] });
});

test('numbers around every power of two come back the same, alone and inside of values', (t) => {
  const dict = makeDict(t, { localCache: false });
  for (const power of POWERS) {
    const near = [-power - 1, -power, 1 - power, -power - 0.5, power - 1, power, power + 1, power + 0.5, 1 / power, -1 / power];
    dict.set('all', { near });
    t.deepEqual(dict.get('all'), { near });
    for (const number of near) {
      dict.set('key', number);
      t.is(dict.get('key'), number);
    }
  }
});

test('values are the same in a process that makes no code from strings', (t) => {
  const seed = randomSeed(t);
  const dict = makeDict(t, { size: '8mb' });
  const program = `
    const { generator } = require('../support/random.js'), { differenceOf, randomValue } = require('../support/values.js');
    const dict = require('shmkit').SharedDict.open(${JSON.stringify(dict.name)}), random = generator(${seed});
    for (let count = 0; count < 2000; count += 1) {
      const value = randomValue(random);
      dict.set('key', value);
      for (let again = 0; again < 3; again += 1) if (differenceOf(structuredClone(value), dict.get('key'))) throw new Error('value ' + count);
    }
    for (let count = 0; count < 200; count += 1) dict.set('k' + count, { a: count, b: { c: [count] } });
    dict.close();`;
  execFileSync(process.execPath, ['--disallow-code-generation-from-strings', '-e', program], { cwd: __dirname });
  for (let round = 0; round < 3; round += 1) for (let count = 0; count < 200; count += 1) t.deepEqual(dict.get(`k${count}`), { a: count, b: { c: [count] } });
});

test('a structure is stored once: records are smaller than the JSON of the same objects', (t) => {
  const dict = makeDict(t);
  for (let index = 0; index < 100; index += 1) dict.set(`key ${index}`, account(index));
  const json = JSON.stringify(account(50)).length;
  t.true((dict.sizeOf('key 50') as number) <= 0.6 * json, `${dict.sizeOf('key 50')} bytes, JSON ${json}`);
  t.is(dict.type('key 50'), 'object');
  t.is(dict.size, 100);
});

test('structures survive clear, delete and eviction, and keep their numbers', (t) => {
  const dict = makeDict(t, { size: '64kb', onFull: 'evict' });
  const other = openAgain(t, dict);
  dict.set('a', { name: 'x', role: 'y' });
  t.deepEqual(other.get('a'), { name: 'x', role: 'y' });
  dict.clear();
  other.set('b', { price: 1, isAdmin: false });
  for (let index = 0; index < 2000; index += 1) dict.set(`k${index}`, { [`key${index % 9}`]: 'x'.repeat(50), index });
  dict.set('c', { name: 'z', role: 'w' });
  other.set('d', { price: 2, isAdmin: true });
  const fresh = openAgain(t, dict, { readOnly: true });
  for (const handle of [dict, other, fresh]) {
    t.deepEqual(handle.get('c'), { name: 'z', role: 'w' });
    t.deepEqual(handle.get('d'), { price: 2, isAdmin: true });
  }
  t.deepEqual([...dict.keys({ prefix: 'key' })], []);
});

test('handles that learn structures at the same time agree', (t) => {
  const dict = makeDict(t, { size: '4mb' });
  const handles = [dict, openAgain(t, dict), openAgain(t, dict), openAgain(t, dict)];
  const random = generator(1);
  for (let count = 0; count < 3000; count += 1) {
    const keys = Array.from({ length: 1 + random(5) }, () => `k${random(12)}`);
    const value = Object.fromEntries([...new Set(keys)].map((key) => [key, count]));
    (handles[random(4)] as SharedDict).set(`entry ${count % 50}`, value);
    t.deepEqual((handles[random(4)] as SharedDict).get(`entry ${count % 50}`), value);
  }
});

test('objects whose keys are data are stored, also when the table is full', (t) => {
  const dict = makeDict(t, { size: '8mb' });
  const reader = openAgain(t, dict);
  for (let count = 0; count < 3000; count += 1) {
    const value = { [`user ${count}`]: { score: count }, [`other ${count} ${'long'.repeat(count % 60)}`]: [{ [`deep ${count}`]: 1 }] };
    dict.set('key', value);
    dict.set('key', value);
    t.deepEqual(reader.get('key'), value);
  }
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`property ${index}`, index]));
  dict.set('many', many);
  t.deepEqual(reader.get('many'), many);
  dict.set('rows', Array.from({ length: 300 }, (_, index) => ({ [`row ${index}`]: index, ...many })));
  t.deepEqual((reader.get('rows') as object[])[299], { 'row 299': 299, ...many });
});

test('large values, wide and narrow texts, deep ones', (t) => {
  const dict = makeDict(t, { size: '16mb' });
  const rows = Array.from({ length: 3000 }, (_, index) => ({ index, text: `row ${index}`, half: index / 2, tags: ['x', index] }));
  let deep: unknown = 'end';
  for (let level = 0; level < 400; level += 1) deep = level % 2 === 0 ? { deep } : [deep];
  const values = [rows, { rows, wide: '東京' }, { a: 'x'.repeat(2047), b: 'y', c: '😀'.repeat(700), d: '' }, { long: 'é'.repeat(100_000), short: 's' }, { deep }, [[], {}, [{}]]];
  for (const value of values) {
    dict.set('key', value);
    t.is(differenceOf(dict.get('key'), value), undefined);
    t.is(differenceOf(dict.getMany(['key']).get('key'), value), undefined);
    t.is(differenceOf([...dict.values()][0], value), undefined);
  }
});

test('objects of other realms are stored as plain ones, and functions inside are refused', (t) => {
  const dict = makeDict(t);
  const foreign = vm.runInNewContext('({ a: [1, { b: new Date(5) }], c: Object.create(null) })') as object;
  dict.set('foreign', foreign);
  t.is(differenceOf(dict.get('foreign'), { a: [1, { b: new Date(5) }], c: {} }), undefined);
  for (const value of [{ f: () => 1 }, { a: { s: Symbol('s') } }, new Proxy({}, {}), [new Proxy([], {})]]) throwsArgType(t, () => dict.set('key', value));
  const error = new Error('from a getter');
  const broken = { a: 1, get b(): never { throw error; } };
  t.is(t.throws(() => dict.set('key', broken)), error);
  t.false(dict.has('key'));
});

test('a getter may store and read other objects while its own is written', (t) => {
  const dict = makeDict(t);
  dict.set('other', { z: 'of the other' });
  const value = {
    before: 'one',
    get nested(): unknown {
      dict.set('inner', { x: [1, 2, 3], y: { new: 'structure' } });
      return dict.get('other');
    },
    after: 'two',
  };
  dict.set('outer', value);
  t.deepEqual(dict.get('outer'), { before: 'one', nested: { z: 'of the other' }, after: 'two' });
  t.deepEqual(dict.get('inner'), { x: [1, 2, 3], y: { new: 'structure' } });
});

test('every call that writes and reads values takes records', async (t) => {
  const dict = makeDict(t);
  const value = { a: [{ b: 'text' }] };
  t.true(dict.add('add', value));
  t.true(dict.replace('add', { ...value, c: 1 }));
  t.deepEqual(dict.swap('add', value, 60), { ...value, c: 1 });
  t.deepEqual(dict.getAndExpire('add', 60), value);
  t.deepEqual(dict.take('add'), value);
  dict.set('ttl', value, 60);
  t.true((dict.ttl('ttl') as number) > 59);
  t.deepEqual(dict.update('ttl', () => value), value);
  t.is(dict.setMany([['x', value], ['y', value, 60]]), 2);
  t.deepEqual(dict.getMany(['x', 'y', 'z']), new Map([['x', value], ['y', value]]));
  t.deepEqual(await dict.getOrSet('loaded', () => value, 60), value);
  t.deepEqual(await dict.getOrSet('loaded', () => 0, 60), value);
  t.deepEqual(dict.getStale('x'), { value, stale: false });
});
