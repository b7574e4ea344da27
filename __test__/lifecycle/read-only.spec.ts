import test, { type ExecutionContext } from 'ava';
import { SharedDict } from 'shmkit';
import { makeDict, openAgain, testName } from '../support/dict';
import { throwsShm } from '../support/throws';

function pair(t: ExecutionContext<unknown>) {
  const dict = makeDict(t);
  dict.set('a', 'x', 50);
  dict.set('n', 1);
  dict.rpush('l', 'item');
  return { dict, reader: openAgain(t, dict, { readOnly: true }) };
}

test('a read-only handle reads everything', (t) => {
  const { dict, reader } = pair(t);
  t.true(reader.readOnly);
  t.false(reader.owner);
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
});

const WRITES: Array<[string, (dict: ReturnType<typeof makeDict>) => unknown]> = [
  ['set', (dict) => dict.set('a', 1)],
  ['add', (dict) => dict.add('new', 1)],
  ['replace', (dict) => dict.replace('a', 1)],
  ['delete', (dict) => dict.delete('a')],
  ['del', (dict) => dict.del('a')],
  ['take', (dict) => dict.take('a')],
  ['swap', (dict) => dict.swap('a', 1)],
  ['incr', (dict) => dict.incr('n')],
  ['expire', (dict) => dict.expire('a', 1)],
  ['clear', (dict) => dict.clear()],
  ['flushAll', (dict) => dict.flushAll()],
  ['flush_all', (dict) => dict.flush_all()],
  ['flushExpired', (dict) => dict.flushExpired()],
  ['update', (dict) => dict.update('a', () => 1)],
  ['setMany', (dict) => dict.setMany([['a', 1]])],
  ['deleteMany', (dict) => dict.deleteMany(['a'])],
  ['lpush', (dict) => dict.lpush('l', 1)],
  ['rpush', (dict) => dict.rpush('l', 1)],
  ['lpop', (dict) => dict.lpop('l')],
  ['rpop', (dict) => dict.rpop('l')],
];

for (const [name, write] of WRITES) {
  test(`${name} through a read-only handle throws and changes nothing`, (t) => {
    const { dict, reader } = pair(t);
    throwsShm(t, () => write(reader), 'ERR_SHM_READONLY');
    t.is(dict.get('a'), 'x');
    t.is(dict.get('n'), 1);
    t.deepEqual(dict.lrange('l'), ['item']);
    t.is(dict.size, 3);
  });
}

test('getOrSet through a read-only handle gives what is there and stores nothing', async (t) => {
  const { reader } = pair(t);
  await t.throwsAsync(async () => reader.getOrSet('missing', () => 1, { ttl: 1 }), { code: 'ERR_SHM_READONLY' });
  t.is(await reader.getOrSet('a', () => t.fail() as never, { ttl: 1 }), 'x');
});

test('a read-only handle of a process counts as attached', (t) => {
  const name = testName(t);
  const dict = SharedDict.create(name, '64kb');
  const reader = SharedDict.open(name, { readOnly: true });
  dict.set('a', 1);
  dict.close();
  t.is(reader.get('a'), 1);
  reader.close();
});
