import test from 'ava';
import { SharedDict } from 'shmkit';
import { makeDict, openAgain } from '../support/dict';
import { callRemote, startChild } from '../support/child';

const FIELDS = [
  'size',
  'maxSize',
  'grown',
  'capacity',
  'used',
  'free',
  'entries',
  'hits',
  'misses',
  'sets',
  'deletes',
  'evictions',
  'expired',
  'lockWaits',
  'recoveries',
  'processes',
  'since',
] as const;

test('stats returns every documented field', (t) => {
  const stats = makeDict(t).stats();
  for (const field of FIELDS) {
    t.is(typeof stats[field], 'number', field);
    t.true(stats[field] >= 0, field);
  }
  t.true(Array.isArray(stats.perClass));
});

test('stats: size is that of the file, and used and free add up to the capacity', (t) => {
  const dict = makeDict(t, { size: 1_000_000 });
  dict.set('a', 'x'.repeat(1000));
  const stats = dict.stats();
  t.is(stats.size, 1_048_576);
  t.true(stats.capacity > 0 && stats.capacity < stats.size);
  t.is(stats.used + stats.free, stats.capacity);
  t.true(stats.used >= 1000);
});

test('stats counts hits, misses, sets and deletes', (t) => {
  const dict = makeDict(t, { localCache: false });
  dict.set('a', 1);
  dict.set('b', 2);
  dict.get('a');
  dict.get('missing');
  dict.delete('b');
  const stats = dict.stats();
  t.is(stats.entries, 1);
  t.true(stats.sets >= 2);
  t.true(stats.hits >= 1);
  t.true(stats.misses >= 1);
  t.true(stats.deletes >= 1);
  t.is(stats.recoveries, 0);
});

function counts({ hits, misses }: { hits: number; misses: number }): number[] {
  return [hits, misses];
}

for (const localCache of [true, false]) {
  test(`stats of a read-only handle counts its own reads, with localCache: ${localCache}`, (t) => {
    const dict = makeDict(t);
    dict.set('a', 1);
    const readers = [0, 1].map(() => openAgain(t, dict, { readOnly: true, localCache })) as [SharedDict, SharedDict];
    const [reader, other] = readers;
    for (let read = 0; read < 100; read += 1) reader.get('a');
    reader.has('missing');
    t.is([...reader.getMany(['a', 'b'])].length, 1);
    t.deepEqual(counts(reader.stats()), [101, 2]);
    t.deepEqual(counts(other.stats()), [0, 0]);
    t.deepEqual(counts(dict.stats()), [0, 0]);
    dict.get('a');
    t.deepEqual(counts(reader.stats()), [102, 2]);
  });
}

test('stats counts two handles of one process as one process', (t) => {
  const dict = makeDict(t);
  const other = openAgain(t, dict);
  t.is(dict.stats().processes, 1);
  t.is(other.stats().processes, 1);
});

test('stats counts the other processes', async (t) => {
  const dict = makeDict(t);
  const child = startChild(t, 'remote-dict', [dict.name]);
  t.is(await callRemote(child, 'size'), 0);
  t.is(dict.stats().processes, 2);
  await child.kill();
  t.is(dict.stats().processes, 1);
});

test('verify finds no problem in a sound dictionary', (t) => {
  const dict = makeDict(t);
  t.deepEqual(dict.verify(), { ok: true, problems: [] });
  for (let index = 0; index < 1000; index += 1) dict.set(`k${index}`, 'x'.repeat(index % 500));
  for (let index = 0; index < 1000; index += 3) dict.delete(`k${index}`);
  t.deepEqual(dict.verify(), { ok: true, problems: [] });
});

test('stats: since is when the dictionary was created, the same for all its handles', async (t) => {
  const before = Date.now();
  const dict = makeDict(t);
  const after = Date.now();
  const reader = SharedDict.open(dict.name, { readOnly: true });
  t.teardown(() => reader.close());
  const { since } = dict.stats();
  // The two clocks are read one after the other.
  t.true(since >= before - 1000 && since <= after + 1000, `${before} ${since} ${after}`);
  dict.set('a', 1);
  dict.clear();
  t.deepEqual([dict.stats().since, reader.stats().since], [since, since]);
});
