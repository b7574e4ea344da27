import test from 'ava';
import { makeDict } from '../support/dict';
import { countUntilFull } from '../support/fill';
import { throwsShm } from '../support/throws';

for (const onFull of ['error', 'evict'] as const) {
  test(`SharedDict: every entry can be overwritten when a dictionary with onFull ${onFull} is full`, (t) => {
    const dict = makeDict(t, { size: '64kb', onFull });
    const count = countUntilFull((index) => {
      const stored = dict.set(`k${index}`, 'x'.repeat(1000), index % 2 === 0 ? 0 : 60);
      if (dict.stats().evictions > 0) throw Object.assign(new Error('full'), { code: 'ERR_SHM_FULL' });
      return stored;
    });
    const { evictions } = dict.stats();
    const keys = Array.from({ length: count }, (_, index) => `k${index}`).filter((key) => dict.has(key));
    for (const key of keys) {
      t.true(dict.set(key, 'y'.repeat(1000), { keepTtl: dict.ttl(key) === 0 }));
      t.is(dict.swap(key, 'z'.repeat(1000)), 'y'.repeat(1000));
      t.is(dict.update(key, () => 'u'.repeat(1000)), 'u'.repeat(1000));
      t.true(dict.set(key, 1));
      t.is(dict.incr(key), 2);
    }
    t.is(dict.stats().evictions, evictions);
    t.true(dict.verify().ok);
  });
}

test('SharedDict: expire of an entry that has a TTL needs no room when the dictionary is full', (t) => {
  const dict = makeDict(t, { size: '64kb' });
  const count = countUntilFull((index) => dict.set(`k${index}`, 'x'.repeat(900), 60));
  for (let index = 0; index < count; index += 1) t.true(dict.expire(`k${index}`, 120));
});

test('SharedDict: a first expire evicts at most one entry', (t) => {
  const dict = makeDict(t, { size: '64kb', onFull: 'evict' });
  let last = 0;
  while (dict.stats().evictions === 0) dict.set(`k${(last += 1)}`, 'x'.repeat(1000));
  const { evictions } = dict.stats();
  t.true(dict.expire(`k${last}`, 60));
  t.true(dict.stats().evictions - evictions <= 1);
});

test('SharedDict: a first expire throws ERR_SHM_FULL when there is no room at all', (t) => {
  const dict = makeDict(t, { size: '64kb' });
  countUntilFull((index) => dict.set(`k${index}`, 'x'.repeat(1000)));
  throwsShm(t, () => dict.expire('k0', 60), 'ERR_SHM_FULL');
  t.is(dict.ttl('k0'), 0);
});
