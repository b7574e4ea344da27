import { readdirSync } from 'node:fs';
import test from 'ava';
import { makeDict, openAgain } from '../support/dict';
import { throwsShm } from '../support/throws';

test('close can be called again', (t) => {
  const dict = makeDict(t);
  t.is(dict.close(), undefined);
  t.is(dict.close(), undefined);
  t.true(dict.closed);
});

test('a handle is disposable', (t) => {
  const dict = makeDict(t);
  const dispose = (Symbol as { dispose?: symbol }).dispose ?? Symbol.for('Symbol.dispose');
  const method = (dict as unknown as Record<symbol, () => void>)[dispose];
  t.is(typeof method, 'function');
  t.is(method?.call(dict), undefined);
  t.true(dict.closed);
  method?.call(dict);
});

const CALLS: Array<[string, (dict: ReturnType<typeof makeDict>) => unknown]> = [
  ['get', (dict) => dict.get('a')],
  ['set', (dict) => dict.set('a', 1)],
  ['add', (dict) => dict.add('a', 1)],
  ['replace', (dict) => dict.replace('a', 1)],
  ['has', (dict) => dict.has('a')],
  ['delete', (dict) => dict.delete('a')],
  ['del', (dict) => dict.del('a')],
  ['take', (dict) => dict.take('a')],
  ['swap', (dict) => dict.swap('a', 1)],
  ['getInto', (dict) => dict.getInto('a', Buffer.alloc(8))],
  ['incr', (dict) => dict.incr('a')],
  ['ttl', (dict) => dict.ttl('a')],
  ['expire', (dict) => dict.expire('a', 1)],
  ['clear', (dict) => dict.clear()],
  ['flushAll', (dict) => dict.flushAll()],
  ['flush_all', (dict) => dict.flush_all()],
  ['flushExpired', (dict) => dict.flushExpired()],
  ['getKeys', (dict) => dict.getKeys()],
  ['get_keys', (dict) => dict.get_keys()],
  ['keys', (dict) => [...dict.keys()]],
  ['values', (dict) => [...dict.values()]],
  ['entries', (dict) => [...dict.entries()]],
  ['iteration', (dict) => [...dict]],
  ['forEach', (dict) => dict.forEach(() => undefined)],
  ['size', (dict) => dict.size],
  ['getEntry', (dict) => dict.getEntry('a')],
  ['update', (dict) => dict.update('a', () => 1)],
  ['getMany', (dict) => dict.getMany(['a'])],
  ['setMany', (dict) => dict.setMany([['a', 1]])],
  ['deleteMany', (dict) => dict.deleteMany(['a'])],
  ['getStale', (dict) => dict.getStale('a')],
  ['lpush', (dict) => dict.lpush('a', 1)],
  ['rpush', (dict) => dict.rpush('a', 1)],
  ['lpop', (dict) => dict.lpop('a')],
  ['rpop', (dict) => dict.rpop('a')],
  ['llen', (dict) => dict.llen('a')],
  ['lrange', (dict) => dict.lrange('a')],
  ['stats', (dict) => dict.stats()],
  ['verify', (dict) => dict.verify()],
];

for (const [name, call] of CALLS) {
  test(`${name} of a closed handle throws`, (t) => {
    const dict = makeDict(t);
    dict.set('a', 1);
    dict.get('a');
    dict.close();
    throwsShm(t, () => call(dict), 'ERR_SHM_CLOSED');
  });
}

test('getOrSet of a closed handle rejects', async (t) => {
  const dict = makeDict(t);
  dict.close();
  await t.throwsAsync(async () => dict.getOrSet('a', () => 1, { ttl: 1 }), { code: 'ERR_SHM_CLOSED' });
});

test('the properties of a closed handle can still be read', (t) => {
  const dict = makeDict(t);
  const { name, path } = dict;
  dict.close();
  t.is(dict.name, name);
  t.is(dict.path, path);
  t.true(dict.closed);
  t.false(dict.readOnly);
  t.is(typeof dict.owner, 'boolean');
});

test('the close of one handle leaves the others of its process alone', (t) => {
  const dict = makeDict(t);
  const other = openAgain(t, dict);
  const third = openAgain(t, dict, { readOnly: true });
  other.set('a', 1);
  other.close();
  t.is(dict.get('a'), 1);
  t.is(third.get('a'), 1);
  third.close();
  t.true(dict.set('b', 1));
});

test('a thousand handles are opened and closed without a leak of file descriptors', async (t) => {
  const dict = makeDict(t);
  const before = readdirSync('/proc/self/fd').length;
  for (let round = 0; round < 1000; round += 1) {
    const other = openAgain({ teardown: () => undefined } as never, dict);
    other.set('a', round);
    other.close();
  }
  t.true(readdirSync('/proc/self/fd').length <= before + 2);
  t.is(dict.get('a'), 999);
});
