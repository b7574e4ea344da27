import test from 'ava';
import type { ShmError } from 'shmkit';
import { makeDict } from '../support/dict';
import { throwsArgument, throwsShm } from '../support/throws';

test('getMany returns a Map of the keys that are present', (t) => {
  const dict = makeDict(t);
  dict.set('a', 1);
  dict.set('c', 'three');
  const found = dict.getMany(['a', 'b', 'c']);
  t.true(found instanceof Map);
  t.deepEqual([...found.keys()].toSorted(), ['a', 'c']);
  t.is(found.get('a'), 1);
  t.is(found.get('c'), 'three');
});

test('setMany stores every entry and returns their number', (t) => {
  const dict = makeDict(t);
  t.is(
    dict.setMany([
      ['a', 1],
      ['b', 'two'],
    ]),
    2,
  );
  t.is(dict.get('a'), 1);
  t.is(dict.get('b'), 'two');
});

test('setMany takes a Map and a TTL', (t) => {
  const dict = makeDict(t);
  t.is(dict.setMany(new Map([['a', 1]]), 50), 1);
  t.true((dict.ttl('a') as number) > 40);
  t.is(dict.setMany([['b', 1]], { ttl: 50 }), 1);
  t.true((dict.ttl('b') as number) > 40);
});

test('deleteMany returns the number of keys that were present', (t) => {
  const dict = makeDict(t);
  dict.setMany([
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ]);
  t.is(dict.deleteMany(['a', 'c', 'missing']), 2);
  t.deepEqual(dict.getKeys(), ['b']);
});

test('getMany, setMany and deleteMany do nothing when the list is empty', (t) => {
  const dict = makeDict(t);
  t.is(dict.getMany([]).size, 0);
  t.is(dict.setMany([]), 0);
  t.is(dict.deleteMany([]), 0);
});

test('getMany, setMany and deleteMany take any iterable', (t) => {
  const dict = makeDict(t);
  t.is(dict.setMany(Object.entries({ a: 1, b: 2 })[Symbol.iterator]() as never), 2);
  t.is(dict.getMany(new Set(['a', 'b'])).size, 2);
  t.is(dict.deleteMany(new Set(['a', 'b'])), 2);
});

test('setMany stops at the first failure, and the error counts what was stored', (t) => {
  const dict = makeDict(t, { size: '64kb' });
  const entries: Array<[string, string]> = Array.from({ length: 100 }, (_, index) => [`k${index}`, 'x'.repeat(2000)]);
  const error = throwsShm(t, () => dict.setMany(entries), 'ERR_SHM_FULL') as ShmError & { count: number };
  t.true(error.count > 0 && error.count < 100);
  t.is(dict.size, error.count);
  t.true(dict.has(`k${error.count - 1}`));
  t.false(dict.has(`k${error.count}`));
});

test('setMany throws at a wrong entry, and the error counts what was stored', (t) => {
  const dict = makeDict(t);
  const error = t.throws(() => dict.setMany([['a', 1], ['b', undefined], ['c', 3]] as never)) as Error & { count: number };
  t.is(error.count, 1);
  t.deepEqual(dict.getKeys(), ['a']);
});

test('getMany, setMany and deleteMany refuse arguments that are not iterable', (t) => {
  const dict = makeDict(t);
  throwsArgument(t, () => dict.getMany(5 as never));
  throwsArgument(t, () => dict.getMany([5] as never));
  throwsArgument(t, () => dict.getMany(['']));
  throwsArgument(t, () => dict.setMany(undefined as never));
  throwsArgument(t, () => dict.deleteMany([null] as never));
});
