// Many waiters in one thread: their order, and what they cost.
import { setTimeout } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { lockFile, tryLockFile } from 'shmkit';
import { costOf } from '../support/cost';
import { makeFile } from '../support/file';

const MANY = 500;
const RANGE = { offset: 1000, length: 10 };

function costOfReleases(file: string): Promise<number> {
  return costOf(() => {
    for (let round = 0; round < 300; round += 1) tryLockFile(file, { length: 10 })?.release();
  });
}

/** Runs `work` while many waits for a locked range are pending. */
async function whileMany(t: ExecutionContext, file: string, work: () => unknown): Promise<void> {
  const lock = tryLockFile(file, RANGE);
  const abort = new AbortController();
  const waits = Array.from({ length: MANY }, () => t.throwsAsync(lockFile(file, { ...RANGE, signal: abort.signal }), { name: 'AbortError' }));
  await work();
  abort.abort();
  await Promise.all(waits);
  lock?.release();
}

test('FileLock.release costs the same while waits for other files and ranges are pending', async (t) => {
  const [file, other] = [makeFile(t, 'x'), makeFile(t, 'x')];
  await costOfReleases(file);
  const alone = await costOfReleases(file);
  for (const awaited of [file, other]) {
    await whileMany(t, awaited, async () => {
      const cost = await costOfReleases(file);
      t.true(cost < 4 * alone + 20_000, `${cost} us instead of ${alone}`);
    });
  }
});

test('lockFile: many waits for one range take little processor time and one abort listener', async (t) => {
  const warnings: Error[] = [];
  const warn = (warning: Error): number => warnings.push(warning);
  process.on('warning', warn);
  await whileMany(t, makeFile(t, 'x'), async () => {
    await setTimeout(100);
    const cost = await costOf(() => setTimeout(1000));
    t.true(cost < 80_000, `${cost} us in a second`);
  });
  process.off('warning', warn);
  t.deepEqual(warnings, []);
});

test('lockFile: the oldest wait for an overlapping range gets what is released in its thread', async (t) => {
  const file = makeFile(t, 'x');
  const held = [tryLockFile(file, { length: 10 }), tryLockFile(file, { offset: 10, length: 10 })];
  const order: string[] = [];
  const request = async (name: string, options: Parameters<typeof lockFile>[1]): Promise<void> => {
    const lock = await lockFile(file, options);
    order.push(name);
    lock?.release();
  };
  const waits = [
    request('second half', { offset: 15, length: 1 }),
    request('first half', { length: 5 }),
    request('first half, shared', { mode: 'shared', length: 5 }),
    request('both halves', {}),
    request('first half again', { length: 5 }),
  ];
  held[0]?.release();
  await Promise.all([waits[1], waits[2], waits[4]]);
  t.deepEqual(order, ['first half', 'first half, shared', 'first half again']);
  held[1]?.release();
  await Promise.all(waits);
  t.deepEqual(order.slice(3), ['second half', 'both halves']);
});
