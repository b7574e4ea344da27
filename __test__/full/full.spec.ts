import test from 'ava';
import { makeDict } from '../support/dict';
import { countUntilFull } from '../support/fill';
import { throwsShm } from '../support/throws';

/** Stores the value under `k0`, `k1` and so on until there is no room; returns how many fitted. */
function fill(dict: ReturnType<typeof makeDict>, value: string): number {
  return countUntilFull((index) => dict.set(`k${index}`, value));
}

test('ERR_SHM_FULL says how much is needed and how much is free', (t) => {
  const dict = makeDict(t, { size: '64kb' });
  fill(dict, 'x'.repeat(1000));
  const error = throwsShm(t, () => dict.set('one more', 'x'.repeat(10_000)), 'ERR_SHM_FULL');
  t.regex(error.message, /\d+ .*needed.*\d+ .*free/);
});

test('set keeps the previous value when the dictionary is full', (t) => {
  const dict = makeDict(t, { size: '64kb' });
  dict.set('mine', 'old', 50);
  const count = fill(dict, 'x'.repeat(500));
  const version = dict.getEntry('mine')?.version;
  throwsShm(t, () => dict.set('mine', 'y'.repeat(30_000)), 'ERR_SHM_FULL');
  throwsShm(t, () => dict.swap('mine', 'y'.repeat(30_000)), 'ERR_SHM_FULL');
  throwsShm(t, () => dict.replace('mine', 'y'.repeat(30_000)), 'ERR_SHM_FULL');
  t.is(dict.get('mine'), 'old');
  t.is(dict.getEntry('mine')?.version, version);
  t.true((dict.ttl('mine') as number) > 40);
  t.is(dict.size, count + 1);
  for (let index = 0; index < count; index += 1) t.is(dict.get(`k${index}`), 'x'.repeat(500));
});

test('SharedDict: calls that need no memory work when the dictionary is full', (t) => {
  const dict = makeDict(t, { size: '64kb' });
  dict.set('n', 1, 500);
  const count = fill(dict, 'x'.repeat(800));
  t.is(dict.incr('n'), 2);
  t.is(dict.get('k0'), 'x'.repeat(800));
  t.true(dict.expire('n', 50));
  t.true(dict.has('k1'));
  t.is(dict.take('k2'), 'x'.repeat(800));
  t.true(dict.set('k2', 'y'.repeat(800)));
  t.is(dict.size, count + 1);
  dict.clear();
  t.true(fill(dict, 'x'.repeat(800)) >= count);
});

test('delete makes room for as much again when the dictionary is full', (t) => {
  const dict = makeDict(t, { size: '256kb' });
  const count = fill(dict, 'x'.repeat(600));
  for (let round = 0; round < 50; round += 1) {
    for (let index = 0; index < count; index += 5) dict.delete(`k${index}`);
    for (let index = 0; index < count; index += 5) {
      if (!dict.set(`k${index}`, 'z'.repeat(600))) t.fail(`round ${round}`);
    }
  }
  t.is(dict.size, count);
  t.true(dict.verify().ok);
});

test('SharedDict: memory of deleted values is reused for values of other sizes', (t) => {
  const dict = makeDict(t, { size: '1mb' });
  const counts: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    for (const length of [30, 4000, 400, 20_000, 1000]) {
      const count = fill(dict, 'x'.repeat(length));
      counts.push(count);
      if (count * (length + 40) < 0.35 * 2 ** 20) t.fail(`${count} values of ${length}`);
      for (let index = 0; index < count; index += 1) dict.delete(`k${index}`);
      if (dict.size !== 0) t.fail(`size ${dict.size}`);
    }
  }
  t.deepEqual(counts.slice(5, 10), counts.slice(10, 15), 'nothing leaks from round to round');
  t.true(dict.verify().ok);
});

test('SharedDict: the smallest dictionary, of 64 KiB, works', (t) => {
  const dict = makeDict(t, { size: 65_536 });
  t.is(dict.stats().size, 65_536);
  t.true(dict.set('v', 'x'.repeat(10_000)));
  t.is(dict.get('v'), 'x'.repeat(10_000));
  dict.clear();
  const count = fill(dict, 'small');
  t.true(count > 200, `${count} entries`);
});

test('maxEntries: the index has room for that many entries', (t) => {
  const dict = makeDict(t, { size: '8mb', maxEntries: 50_000 });
  for (let index = 0; index < 50_000; index += 1) dict.set(`${index}`, index);
  t.is(dict.size, 50_000);
  t.is(dict.get('49999'), 49_999);
});

test('a key that can never fit is named as what is too large', (t) => {
  const dict = makeDict(t, { size: 65_536 });
  const key = 'k'.repeat(60_000);
  const error = throwsShm(t, () => dict.set(key, 1), 'ERR_SHM_TOO_LARGE');
  t.regex(error.message, /the key is too large: it has 60000 bytes/);
  t.is(error.size, 60_000);
  t.true((error.limit as number) < 60_000);
});

for (const options of [{ size: '1mb', maxEntries: 1 }, { maxSize: '1mb', maxEntries: 1 }] as const) {
  const advised = 'maxSize' in options ? 'maxEntries or maxSize' : 'maxEntries';
  test(`ERR_SHM_FULL names ${advised} when the index has no place for another key`, (t) => {
    const dict = makeDict(t, options);
    const fillIndex = (): void => {
      for (let index = 0; ; index += 1) dict.set(`key ${index}`, index);
    };
    const { message } = t.throws(fillIndex, { code: 'ERR_SHM_FULL' });
    t.true(message.includes(`, but the index has no place for another key: maxEntries is 1; delete entries, or create it with a larger ${advised} or with onFull: 'evict'`), message);
  });
}
