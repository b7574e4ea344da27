import test from 'ava';
import { makeDict, openAgain } from '../support/dict';

test('SharedDict: a read-only handle returns what a writable one does', async (t) => {
  const dict = makeDict(t);
  dict.set('a', 'x', 50);
  dict.set('n', 1);
  dict.rpush('l', 'item');
  const reader = openAgain(t, dict, { readOnly: true });
  t.is(reader.get('a'), 'x');
  t.true(reader.has('a'));
  t.true((reader.ttl('a') as number) > 40);
  t.is(reader.size, 3);
  t.is(reader.getKeys().length, 3);
  t.is([...reader.entries()].length, 3);
  t.is(reader.getEntry('n')?.value, 1);
  t.is(reader.getMany(['a', 'n']).size, 2);
  t.deepEqual(reader.lrange('l'), ['item']);
  t.is(reader.llen('l'), 1);
  t.is(reader.getInto('a', Buffer.alloc(4)), 1);
  t.deepEqual(reader.getStale('a'), { value: 'x', stale: false });
  t.is(reader.stats().entries, 3);
  t.true(reader.verify().ok);
  dict.set('a', 'y');
  t.is(reader.get('a'), 'y');
  t.is(await reader.getOrSet('a', () => t.fail() as never, { ttl: 1 }), 'y');
});
