// Limits and statistics of the local cache, and its effect on eviction.
import test from 'ava';
import { makeDict, openAgain } from '../support/dict';
import { generator } from '../support/random';

for (const localCache of [{ maxEntries: 2 }, { maxBytes: 1024 }, { maxEntries: 600, maxBytes: 100_000 }, {}]) {
  test(`local cache: values are right when its limits are ${JSON.stringify(localCache)}`, (t) => {
    const dict = makeDict(t, { size: '8mb', localCache });
    const model = new Map<string, unknown>();
    const random = generator(7);
    for (let step = 0; step < 20_000; step += 1) {
      const key = `k${random(random(2) ? 20 : 3000)}`;
      if (random(10) === 0) {
        const value = [step, `text ${step}`, 'x'.repeat(random(3000)), null, BigInt(step), step % 2 === 0][random(6)];
        dict.set(key, value);
        model.set(key, value);
      } else if (dict.get(key) !== model.get(key)) {
        t.fail(`${key} at step ${step}`);
      }
    }
    t.pass();
  });
}

test('local cache: wrong limits are refused', (t) => {
  const dict = makeDict(t);
  for (const localCache of [1, 'yes', null]) {
    t.throws(() => openAgain(t, dict, { localCache: localCache as never }), { code: 'ERR_INVALID_ARG_TYPE' });
  }
  for (const localCache of [{ maxEntries: 0 }, { maxEntries: 1.5 }, { maxBytes: 10 }]) {
    t.throws(() => openAgain(t, dict, { localCache }), { code: 'ERR_OUT_OF_RANGE' });
  }
});

test('local cache: stats counts every hit', (t) => {
  const dict = makeDict(t);
  const other = openAgain(t, dict);
  dict.set('k', 'v');
  for (let read = 0; read < 10_000; read += 1) dict.get('k');
  t.is(dict.stats().hits, 10_000);
  for (let read = 0; read < 10; read += 1) other.get('k');
  other.close();
  t.is(dict.stats().hits, 10_010);
});

test('local cache: a key read from it is not evicted before one that is never read', (t) => {
  const dict = makeDict(t, { size: '1mb', onFull: 'evict' });
  dict.set('read', 'v');
  dict.get('read');
  for (let index = 0; index < 20_000; index += 1) {
    dict.set(`other${index}`, 'x'.repeat(100));
    if (dict.get('read') !== 'v') return t.fail(`evicted at ${index}`);
  }
  t.true(dict.stats().evictions > 10_000);
  t.is(dict.get('read'), 'v');
});

test('local cache: a read-only handle caches values and sees changes', (t) => {
  const dict = makeDict(t, { size: '256kb', onFull: 'evict' });
  const reader = openAgain(t, dict, { readOnly: true });
  dict.set('k', 'v');
  for (let read = 0; read < 10_000; read += 1) t.is(reader.get('k'), 'v');
  dict.set('k', 'w');
  t.is(reader.get('k'), 'w');
});
