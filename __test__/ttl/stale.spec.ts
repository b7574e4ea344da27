import test from 'ava';
import { reach, now } from '../support/clock';
import { makeDict } from '../support/dict';

test('getStale gives a live value unflagged', (t) => {
  const dict = makeDict(t);
  t.is(dict.getStale('a'), undefined);
  dict.set('a', 'x', 50);
  t.deepEqual(dict.getStale('a'), { value: 'x', stale: false });
  dict.set('b', { o: 1 });
  t.deepEqual(dict.getStale('b'), { value: { o: 1 }, stale: false });
});

test('getStale gives an expired value that was not yet reclaimed, flagged', async (t) => {
  const dict = makeDict(t);
  dict.set('a', 'x', 0.01);
  await reach(now() + 0.02);
  t.is(dict.get('a'), undefined);
  t.deepEqual(dict.getStale('a'), { value: 'x', stale: true });
  t.is(dict.size, 0);
  dict.flushExpired();
  t.is(dict.getStale('a'), undefined);
});

test('getStale never gives what was deleted or cleared', (t) => {
  const dict = makeDict(t);
  dict.set('a', 1, 50);
  dict.delete('a');
  t.is(dict.getStale('a'), undefined);
  dict.set('b', 1, 50);
  dict.clear();
  t.is(dict.getStale('b'), undefined);
});
