import test from 'ava';
import { reach, now } from '../support/clock';
import { makeDict } from '../support/dict';
import { countUntilFull } from '../support/fill';
import { throwsArgument } from '../support/throws';

test('flushExpired reclaims the expired entries and returns their number', async (t) => {
  const dict = makeDict(t);
  // Longer than a busy machine keeps this process from running.
  for (let index = 0; index < 100; index += 1) dict.set(`old-${index}`, index, 0.5);
  for (let index = 0; index < 50; index += 1) dict.set(`new-${index}`, index, 100);
  t.is(dict.flushExpired(), 0);
  await reach(now() + 0.51);
  t.is(dict.flushExpired(), 100);
  t.is(dict.flushExpired(), 0);
  t.is(dict.size, 50);
});

test('flushExpired takes a maximum, and 0 means all', async (t) => {
  const dict = makeDict(t);
  for (let index = 0; index < 100; index += 1) dict.set(`k${index}`, index, 0.01);
  await reach(now() + 0.02);
  t.is(dict.flushExpired(30), 30);
  t.is(dict.flushExpired(1), 1);
  t.is(dict.flushExpired(0), 69);
  t.is(dict.flushExpired(10), 0);
});

test('flushExpired refuses a maximum that is no count', (t) => {
  const dict = makeDict(t);
  for (const max of ['1', -1, 1.5, Number.NaN, {}]) throwsArgument(t, () => dict.flushExpired(max as never), String(max));
});

test('flushExpired frees the memory of expired entries', async (t) => {
  const dict = makeDict(t);
  const { used } = dict.stats();
  for (let index = 0; index < 200; index += 1) dict.set(`k${index}`, 'x'.repeat(2000), 0.01);
  await reach(now() + 0.02);
  dict.flushExpired();
  t.true(dict.stats().used <= used + 4096);
  t.true(dict.stats().expired >= 200);
  t.true(dict.verify().ok);
});

test('set reclaims expired entries before it throws ERR_SHM_FULL', async (t) => {
  const dict = makeDict(t, { size: '256kb' });
  for (let round = 0; round < 5; round += 1) {
    const count = countUntilFull((index) => dict.set(`round-${round}-${index}`, 'x'.repeat(1000), 0.3));
    t.true(count > 50, `round ${round}: ${count}`);
    await reach(now() + 0.32);
  }
  t.true(dict.set('last', 'x'.repeat(100_000)));
  t.true(dict.verify().ok);
});

test('set reclaims cleared entries before it throws ERR_SHM_FULL', (t) => {
  const dict = makeDict(t, { size: '256kb' });
  const counts = [1000, 300, 5000].map((length) => {
    const count = countUntilFull((index) => dict.set(`key-${index}`, 'x'.repeat(length)));
    dict.clear();
    return count;
  });
  t.true(counts.every((count) => count > 20), String(counts));
});
