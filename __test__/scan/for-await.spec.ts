// `for await` over a dictionary, which lets the event loop turn.
import test from 'ava';
import { makeDict } from '../support/dict';

function filled(t: Parameters<typeof makeDict>[0], count: number) {
  const dict = makeDict(t, { size: '32mb' });
  dict.setMany(Array.from({ length: count }, (_, index) => [`key-${index}`, index]));
  return dict;
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

test('for await yields what the iterators do', async (t) => {
  const dict = filled(t, 3000);
  t.deepEqual(await collect(dict.keys()), [...dict.keys()]);
  t.deepEqual(await collect(dict.values()), [...dict.values()]);
  t.deepEqual(await collect(dict.entries()), [...dict.entries()]);
  t.deepEqual(await collect(dict), [...dict]);
  t.deepEqual(await collect(dict.keys({ prefix: 'key-29' })), [...dict.keys({ prefix: 'key-29' })]);
  t.deepEqual(await collect(dict.keys({ prefix: 'none' })), []);
});

test('for await lets the event loop turn, also if it finds nothing', async (t) => {
  const dict = filled(t, 100_000);
  for (const items of [dict.keys({ prefix: 'none' }), dict.keys(), dict.values()]) {
    let turns = 0;
    let running = true;
    const turn = () => {
      turns += 1;
      if (running) setImmediate(turn);
    };
    setImmediate(turn);
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await collect(items as AsyncIterable<unknown>);
    running = false;
    t.true(turns > 3, `${turns} turns`);
  }
});

test('for await goes on where the iterator is', async (t) => {
  const dict = filled(t, 100);
  const keys = dict.keys();
  const first = keys.next().value as string;
  t.deepEqual([first, ...(await collect(keys))].toSorted(), dict.getKeys().toSorted());
  t.deepEqual(keys.next(), { done: true, value: undefined });
});

test('for await can be left in the middle and ends with the handle', async (t) => {
  const dict = filled(t, 5000);
  const keys = dict.keys();
  for await (const key of keys) {
    t.truthy(key);
    break;
  }
  t.deepEqual(keys.next(), { done: true, value: undefined });
  await t.throwsAsync(
    async () => {
      for await (const key of dict.keys()) if (key) dict.close();
    },
    { code: 'ERR_SHM_CLOSED' },
  );
});
