// The first microseconds of a wait, in which it spins and no thread sleeps.
import test from 'ava';
import { SharedMutex, SharedRing, SharedSemaphore } from 'shmkit';
import { startChild } from '../support/child';
import { nameFor } from '../support/names';

test('wait: no thread is started when it is served at once', async (t) => {
  using semaphore = SharedSemaphore.create(nameFor(t, SharedSemaphore), 0);
  using mutex = SharedMutex.create(semaphore.name);
  using ring = SharedRing.create(semaphore.name, 4096);
  const child = startChild(t, 'wait-without-thread', [semaphore.name]);
  t.deepEqual(await child.next(), [true, false, true]);
  await child.exited;
  t.deepEqual([mutex.tryLock()?.ownerDied, ring.stats().messages, semaphore.value], [true, 0, 0]);
});

test('wait: a spinning one ends at once by abort, close and replacement', async (t) => {
  using semaphore = SharedSemaphore.create(nameFor(t, SharedSemaphore), 0);
  const controller = new AbortController();
  const aborted = semaphore.acquire({ signal: controller.signal });
  controller.abort();
  await t.throwsAsync(aborted, { name: 'AbortError' });
  const other = SharedSemaphore.open(semaphore.name);
  const waiting = other.acquire();
  other.close();
  await t.throwsAsync(waiting, { code: 'ERR_SHM_CLOSED' });
  const orphaned = semaphore.acquire();
  using replacing = SharedSemaphore.create(semaphore.name, 1, { replace: true });
  await t.throwsAsync(orphaned, { code: 'ERR_SHM_RETIRED' });
  t.is(replacing.value, 1);
});

test('wait: a spinning one is served before later ones', async (t) => {
  using semaphore = SharedSemaphore.create(nameFor(t, SharedSemaphore), 0);
  const order: number[] = [];
  const waits = [0, 1, 2].map(async (number) => {
    await semaphore.acquire();
    order.push(number);
  });
  semaphore.release(3);
  await Promise.all(waits);
  t.deepEqual(order, [0, 1, 2]);
});
