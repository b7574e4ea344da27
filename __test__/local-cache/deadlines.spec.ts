// Values with a deadline are answered by the local cache, and never a moment too long.
import test from 'ava';
import { makeDict, openAgain } from '../support/dict';
import { seeded } from '../support/random';

test('local cache: values that expire are hits until their deadline', (t) => {
  const dict = makeDict(t);
  const values = ['text', 'x'.repeat(65_536), 1.5, true, null, 7n, '東京'];
  for (const [index, value] of values.entries()) dict.set(`k${index}`, value, 1000);
  for (const [index, value] of values.entries()) t.is(dict.get(`k${index}`), value);
  const misses = dict.stats().misses;
  for (let round = 0; round < 100; round += 1) for (const [index, value] of values.entries()) t.is(dict.get(`k${index}`), value);
  t.is(dict.stats().misses, misses);
  // A hit returns the very string that the cache keeps, so it takes no time in proportion to its length.
  t.true((dict.ttl('k1') as number) > 900);
});

test('local cache: a value is never returned after its deadline, and not missed before it', (t) => {
  const random = seeded(t);
  const dict = makeDict(t);
  const plain = openAgain(t, dict, { localCache: false });
  for (let round = 0; round < 60; round += 1) {
    const ttl = (1 + random(30)) / 1000 + (round === 59 ? 1 : 0);
    dict.set('key', round, ttl);
    for (;;) {
      const before = plain.has('key');
      const read = dict.get('key');
      const there = dict.has('key');
      const after = plain.has('key');
      if (read !== undefined && !before) return t.fail('returned after its deadline');
      if (there && !before) return t.fail('present after its deadline');
      if ((read === undefined || !there) && after) return t.fail('missed before its deadline');
      if (!after) break;
    }
  }
  t.pass();
});

test('local cache: a deadline that another handle moves or removes is noticed', (t) => {
  const dict = makeDict(t);
  const other = openAgain(t, dict);
  dict.set('key', 'value', 1000);
  t.is(dict.get('key'), 'value');
  other.expire('key', 0.01);
  while (other.has('key')) t.is(dict.get('key') ?? 'value', 'value');
  t.is(dict.get('key'), undefined);
  dict.set('key', 'value', 0.03);
  t.is(dict.get('key'), 'value');
  other.persist('key');
  const end = process.hrtime.bigint() + 60_000_000n;
  while (process.hrtime.bigint() < end) t.is(dict.get('key'), 'value');
});

test('getOrSet: hits are answered by the local cache', async (t) => {
  const dict = makeDict(t);
  const text = await dict.getOrSet('key', () => 'x'.repeat(1000), 1000);
  for (let round = 0; round < 50; round += 1) t.is(await dict.getOrSet('key', () => 'no', 1000), text);
  openAgain(t, dict).set('key', 'new');
  t.is(await dict.getOrSet('key', () => 'no', 1000), 'new');
  openAgain(t, dict).delete('key');
  t.is(await dict.getOrSet('key', () => 'loaded', 1000), 'loaded');
});
