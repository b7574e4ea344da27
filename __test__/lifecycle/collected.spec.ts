import { readdirSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import { SharedDict } from 'shmkit';
import { until } from '../support/clock';
import { makeDict } from '../support/dict';

/** Collects garbage, and lets finalizers run. */
async function collect(): Promise<void> {
  for (let round = 0; round < 5; round += 1) {
    globalThis.gc?.();
    await setImmediate();
  }
}

test('an iterator keeps its handle', async (t) => {
  const dict = makeDict(t);
  for (let index = 0; index < 5000; index += 1) dict.set(`k${index}`, index);
  const keys = SharedDict.open(dict.name).keys();
  let count = 0;
  for (const key of keys) {
    t.truthy(key);
    count += 1;
    if (count % 1000 === 0) await collect();
  }
  t.is(count, 5000);
});

test('a load under way keeps its handle', async (t) => {
  const dict = makeDict(t);
  const value = await SharedDict.open(dict.name).getOrSet('a', async () => {
    await collect();
    return 'loaded';
  });
  t.is(value, 'loaded');
  t.is(dict.get('a'), 'loaded');
});

test('handles that nobody holds are given back', async (t) => {
  const dict = makeDict(t);
  const before = readdirSync('/proc/self/fd').length;
  for (let round = 0; round < 300; round += 1) SharedDict.open(dict.name).set('a', round);
  await until(() => {
    globalThis.gc?.();
    return readdirSync('/proc/self/fd').length <= before + 3;
  });
  t.is(dict.get('a'), 299);
});
