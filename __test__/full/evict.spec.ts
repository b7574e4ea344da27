import test from 'ava';
import { makeDict } from '../support/dict';
import { countUntilFull } from '../support/fill';
import { seeded } from '../support/random';
import { throwsShm } from '../support/throws';
import { now, reach } from '../support/clock';

test('onFull evict: a full dictionary evicts, and the value just written is there', (t) => {
  const dict = makeDict(t, { size: '256kb', onFull: 'evict' });
  for (let index = 0; index < 5000; index += 1) {
    t.true(dict.set(`k${index}`, 'x'.repeat(500)));
    if (dict.get(`k${index}`) === undefined) t.fail(`k${index} is gone at once`);
  }
  t.true(dict.size > 100 && dict.size < 5000);
  t.true(dict.stats().evictions > 4000);
  t.true(dict.verify().ok);
});

test('onFull evict: the key being written is never the victim', (t) => {
  const dict = makeDict(t, { size: '64kb', onFull: 'evict' });
  for (let index = 0; index < 300; index += 1) dict.set(`k${index}`, 'x'.repeat(400));
  for (let length = 0; length < 20_000; length += 97) {
    t.true(dict.set('mine', 'm'.repeat(length)));
    if (dict.get('mine') !== 'm'.repeat(length)) t.fail(`${length}`);
  }
  t.true(dict.verify().ok);
});

test('onFull evict: a value replaces the only one, even when both do not fit together', (t) => {
  const dict = makeDict(t, { size: '64kb', onFull: 'evict' });
  for (let length = 1000; length < 14_000; length += 1000) {
    t.true(dict.set('mine', 'm'.repeat(length)), String(length));
    t.is((dict.get('mine') as string).length, length);
  }
});

test('onFull evict: keys that are read often stay', (t) => {
  const dict = makeDict(t, { size: '256kb', onFull: 'evict' });
  for (let index = 0; index < 20; index += 1) dict.set(`hot-${index}`, 'h'.repeat(200));
  for (let index = 0; index < 20_000; index += 1) {
    dict.set(`cold-${index}`, 'c'.repeat(200));
    dict.get(`hot-${index % 20}`);
  }
  let hot = 0;
  for (let index = 0; index < 20; index += 1) if (dict.has(`hot-${index}`)) hot += 1;
  t.true(hot >= 18, `${hot} of 20 left`);
});

test('onFull evict: a value too large for the empty dictionary evicts nothing', (t) => {
  const dict = makeDict(t, { size: '64kb', onFull: 'evict' });
  for (let index = 0; index < 1000 && dict.stats().evictions === 0; index += 1) dict.set(`k${index}`, 'x'.repeat(500));
  const { entries, evictions } = dict.stats();
  t.true(evictions > 0);
  throwsShm(t, () => dict.set('huge', 'x'.repeat(200_000)), 'ERR_SHM_TOO_LARGE');
  t.is(dict.stats().entries, entries);
  t.is(dict.stats().evictions, evictions);
});

test('onFull evict: a large value evicts as many entries as it needs', (t) => {
  const dict = makeDict(t, { size: '1mb', onFull: 'evict' });
  for (let index = 0; index < 4000; index += 1) dict.set(`k${index}`, 'x'.repeat(500));
  const value = Buffer.alloc(400_000, 'large');
  t.true(dict.set('large', value));
  t.true((dict.get('large') as Buffer).equals(value));
  t.true(dict.verify().ok);
});

test('onFull evict: expired entries are removed before live ones', async (t) => {
  const dict = makeDict(t, { size: '256kb', onFull: 'evict' });
  for (let index = 0; index < 50; index += 1) dict.set(`live-${index}`, 'l'.repeat(500));
  for (let index = 0; index < 200; index += 1) dict.set(`dead-${index}`, 'd'.repeat(500), 0.01);
  const before = dict.stats().evictions;
  await reach(now() + 0.02);
  for (let index = 0; index < 150; index += 1) dict.set(`new-${index}`, 'n'.repeat(500));
  for (let index = 0; index < 50; index += 1) t.true(dict.has(`live-${index}`));
  t.is(dict.stats().evictions, before);
});

test('onFull evict: lists and values written in place survive eviction of others', (t) => {
  const dict = makeDict(t, { size: '128kb', onFull: 'evict' });
  const random = seeded(t);
  for (let step = 0; step < 20_000; step += 1) {
    const key = `k${random(400)}`;
    switch (random(5)) {
      case 0:
        dict.set(key, 'x'.repeat(random(1500)), random(2) ? 100 : 0);
        break;
      case 1:
        dict.delete(`l${random(20)}`);
        break;
      case 2:
        dict.rpush(`l${random(20)}`, 'item'.repeat(random(50)));
        break;
      case 3:
        dict.incr(`n${random(50)}`, 1, { init: 0 });
        break;
      default:
        dict.get(key);
    }
  }
  t.deepEqual(dict.verify(), { ok: true, problems: [] });
});

test('onFull error: nothing is evicted when the dictionary is full', (t) => {
  const dict = makeDict(t, { size: '64kb', onFull: 'error' });
  t.true(countUntilFull((index) => dict.set(`k${index}`, 'x'.repeat(500))) > 20);
  t.is(dict.stats().evictions, 0);
});
