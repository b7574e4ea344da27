import test from 'ava';
import { makeDict } from '../support/dict';
import { throwsArgument } from '../support/throws';

test('setMany: an entry can have its own TTL or options, which replace those of the call', (t) => {
  const dict = makeDict(t);
  dict.set('there', 'old');
  const entries = [
    ['none', 1],
    ['own', 2, 1000],
    ['never', 3, 0],
    ['object', { n: 4 }, { ttl: 2000 }],
    ['there', 5, { ifAbsent: true }],
    ['point', 6, { expiresAt: Date.now() + 3_000_000 }],
    ['past', 7, { expiresAt: 0 }],
    ['version', 8, { ifVersion: 0n }],
    ['there', 9, { ifVersion: 1n }],
    ['last', 'text'],
  ] as const;
  t.is(dict.setMany(entries, 100), 8);
  const ttls = entries.map(([key]) => Math.round((dict.ttl(key) ?? -100) / 100));
  t.deepEqual(ttls, [1, 10, 0, 20, 0, 30, -1, 0, 0, 1]);
  t.is(dict.get('there'), 'old');
  t.deepEqual(dict.get('object'), { n: 4 });
});

test('setMany of a thousand entries with different TTLs gives each its own', (t) => {
  const dict = makeDict(t);
  dict.setMany(Array.from({ length: 1000 }, (_, index) => [`k${index}`, index, 1000 * (index + 1)] as const));
  for (let index = 0; index < 1000; index += 1) t.is(Math.round((dict.ttl(`k${index}`) as number) / 1000), index + 1);
  dict.setMany(Array.from({ length: 1000 }, (_, index) => [`k${index}`, index] as const));
  t.is(dict.ttl('k500'), 0);
});

test('setMany with a wrong option in an entry stores those before it', (t) => {
  const dict = makeDict(t);
  const error = t.throws(() => dict.setMany([['a', 1], ['b', 2, { ex: 1 } as object], ['c', 3]]));
  t.like(error, { code: 'ERR_INVALID_ARG_VALUE', count: 1 });
  throwsArgument(t, () => dict.setMany([['b', 2, 'soon' as never]]));
  t.deepEqual(dict.getKeys(), ['a']);
});
