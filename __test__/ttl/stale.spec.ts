import test from 'ava';
import { reach, now } from '../support/clock';
import { makeDict } from '../support/dict';

test('getStale returns a live value as not stale', (t) => {
  const dict = makeDict(t);
  t.is(dict.getStale('a'), undefined);
  dict.set('a', 'x', 50);
  t.deepEqual(dict.getStale('a'), { value: 'x', stale: false });
  dict.set('b', { o: 1 });
  t.deepEqual(dict.getStale('b'), { value: { o: 1 }, stale: false });
});

test('getStale returns an expired value as stale until it is reclaimed', async (t) => {
  const dict = makeDict(t);
  dict.set('a', 'x', 0.01);
  await reach(now() + 0.02);
  t.is(dict.get('a'), undefined);
  t.deepEqual(dict.getStale('a'), { value: 'x', stale: true });
  t.is(dict.size, 0);
  dict.flushExpired();
  t.is(dict.getStale('a'), undefined);
});

test('getStale returns nothing when the key was deleted or cleared', (t) => {
  const dict = makeDict(t);
  dict.set('a', 1, 50);
  dict.delete('a');
  t.is(dict.getStale('a'), undefined);
  dict.set('b', 1, 50);
  dict.clear();
  t.is(dict.getStale('b'), undefined);
});
