// deletePrefix.
import test from 'ava';
import { makeDict, openAgain } from '../support/dict';
import { throwsArgType, throwsArgument, throwsShm } from '../support/throws';

const KEYS = ['user:1', 'user:2', 'use', 'USER:1', 'xuser:1', 'üser:1', 'ü', '東:1', '東', '東京', 'user:東', '\ud83d\ude00'];

test('deletePrefix removes the keys that begin with the prefix and returns their number', (t) => {
  const dict = makeDict(t);
  for (const [prefix, count] of [['user:', 3], ['ü', 2], ['東', 3], ['\ud83d', 1], ['none', 0], ['', KEYS.length]] as const) {
    for (const key of KEYS) dict.set(key, key);
    t.is(dict.deletePrefix(prefix), count, prefix);
    t.deepEqual(dict.getKeys().toSorted(), KEYS.filter((key) => !key.startsWith(prefix)).toSorted(), prefix);
  }
  t.true(dict.verify().ok);
});

test('deletePrefix removes at most as many keys as asked for', (t) => {
  const dict = makeDict(t);
  dict.setMany(Array.from({ length: 500 }, (_, index) => [`a${index}`, index]));
  dict.set('b', 1);
  t.is(dict.deletePrefix('a', { max: 100 }), 100);
  t.is(dict.size, 401);
  t.is(dict.deletePrefix('a', { max: 0 }), 400);
  t.is(dict.deletePrefix('a', {}), 0);
  t.deepEqual(dict.getKeys(), ['b']);
});

test('deletePrefix counts no expired keys and no keys of a cleared dictionary', (t) => {
  const dict = makeDict(t);
  dict.set('a1', 1, { expiresAt: Date.now() + 1 });
  dict.set('a2', 2);
  while (dict.has('a1'));
  t.is(dict.deletePrefix('a'), 1);
  dict.set('a1', 1);
  dict.clear();
  t.is(dict.deletePrefix('a'), 0);
});

test('deletePrefix removes lists and large values', (t) => {
  const dict = makeDict(t);
  dict.rpush('a:list', 'x', 2);
  dict.set('a:large', Buffer.alloc(300_000));
  t.is(dict.deletePrefix('a:'), 2);
  t.is(dict.stats().used, 0);
});

test('deletePrefix is seen by local caches and by loads in progress', async (t) => {
  const dict = makeDict(t);
  dict.set('user:1', 'old');
  t.is(dict.get('user:1'), 'old');
  const other = openAgain(t, dict);
  const loaded = dict.getOrSet('user:2', async () => {
    t.is(other.deletePrefix('user:'), 1);
    return 'loaded before it was removed';
  });
  t.is(await loaded, 'loaded before it was removed');
  t.deepEqual([dict.get('user:1'), dict.get('user:2')], [undefined, undefined]);
});

test('deletePrefix checks its arguments', (t) => {
  const dict = makeDict(t);
  dict.set('a', 1);
  for (const prefix of [undefined, null, 5, ['a']]) throwsArgType(t, () => dict.deletePrefix(prefix as never), String(prefix));
  for (const max of ['1', -1, 0.5, Number.NaN]) throwsArgument(t, () => dict.deletePrefix('a', { max: max as never }), String(max));
  throwsArgument(t, () => dict.deletePrefix('a', { maximum: 1 } as never));
  throwsArgType(t, () => dict.deletePrefix('a', 5 as never));
  const reader = openAgain(t, dict, { readOnly: true });
  throwsShm(t, () => reader.deletePrefix('a'), 'ERR_SHM_READONLY');
  reader.close();
  throwsShm(t, () => reader.deletePrefix('a'), 'ERR_SHM_CLOSED');
  t.is(dict.size, 1);
});
