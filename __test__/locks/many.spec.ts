// Many requests of one table: what each costs.
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import type { SharedLocks } from 'shmkit';
import { until } from '../support/clock';
import { costOf } from '../support/cost';
import { makeLocks } from '../support/locks';

const FEW = 500;
const MANY = 8 * FEW;

function requests(locks: SharedLocks, count: number, name: (index: number) => string, work: () => unknown): Promise<unknown>[] {
  return Array.from({ length: count }, (_, index) => locks.request(name(index), { ref: true }, work));
}

test.serial('SharedLocks: eight times as many requests for one name cost eight times as much', async (t) => {
  const locks = makeLocks(t, { capacity: MANY });
  const contend = (count: number) => costOf(() => Promise.all(requests(locks, count, () => 'a', () => undefined)));
  await contend(FEW);
  const [few, many] = [await contend(FEW), await contend(MANY)];
  t.true(many < 20 * few, `${many} us for ${MANY}, ${few} us for ${FEW}`);
});

test.serial('SharedLocks: many held locks cost nothing, and a further request no more than without them', async (t) => {
  const locks = makeLocks(t, { capacity: 2 * MANY });
  const request = () =>
    costOf(async () => {
      for (let round = 0; round < 200; round += 1) await locks.request('free', () => undefined);
    });
  await request();
  const alone = await request();
  const end = new AbortController();
  const released = once(end.signal, 'abort');
  const held = requests(locks, MANY, (index) => `held ${index}`, () => released);
  await until(() => locks.query().held.length === MANY);
  await setTimeout(200);
  const beside = await request();
  t.true(beside < 4 * alone + 20_000, `${beside} us instead of ${alone}`);
  const idle = await costOf(() => setTimeout(1000));
  t.true(idle < 60_000, `${idle} us in a second`);
  end.abort();
  await Promise.all(held);
});
