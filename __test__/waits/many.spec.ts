// Waits for more objects than one sleep of the waiter's thread takes.
import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { SharedSemaphore } from 'shmkit';
import { costOf } from '../support/cost';
import { nameFor } from '../support/names';

const MANY = 400;

test('acquire: waits for many objects cost little and each gets what is released', async (t) => {
  const name = nameFor(t, SharedSemaphore);
  const semaphores = Array.from({ length: MANY }, (_, index) => SharedSemaphore.create(`${name}-${index}`, 0));
  t.teardown(() => {
    for (const semaphore of semaphores) semaphore.close();
  });
  const waits = semaphores.map((semaphore) => semaphore.acquire({ ref: true }));
  await setTimeout(200);
  const idle = await costOf(() => setTimeout(1000));
  t.true(idle < 80_000, `${idle} us in a second`);
  for (const index of [0, 126, 127, 128, 253, 254, MANY - 1]) {
    semaphores[index]?.release();
    t.true(await waits[index], `semaphore ${index}`);
    waits[index] = (semaphores[index] as SharedSemaphore).acquire({ ref: true });
  }
  for (const semaphore of semaphores) semaphore.release();
  t.deepEqual(await Promise.all(waits), Array.from({ length: MANY }, () => true));
});
