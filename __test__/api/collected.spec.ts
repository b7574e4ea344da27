import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import { SharedDict } from 'shmkit';
import { makeDict } from '../support/dict';

/** Collects garbage and runs finalizers. */
async function collect(): Promise<void> {
  for (let round = 0; round < 5; round += 1) {
    globalThis.gc?.();
    await setImmediate();
  }
}

test('SharedDict: an iterator keeps its handle open when garbage is collected', async (t) => {
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

test('SharedDict: a load in progress keeps its handle open when garbage is collected', async (t) => {
  const dict = makeDict(t);
  const value = await SharedDict.open(dict.name).getOrSet('a', async () => {
    await collect();
    return 'loaded';
  });
  t.is(value, 'loaded');
  t.is(dict.get('a'), 'loaded');
});
