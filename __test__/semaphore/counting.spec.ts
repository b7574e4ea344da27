import { Worker } from 'node:worker_threads';
import test from 'ava';
import { SharedSemaphore } from 'shmkit';
import { fixture } from '../support/child';
import { nameFor } from '../support/names';
import { throwsArgType } from '../support/throws';

const MOST = 2 ** 31 - 1;

test('SharedSemaphore: tryAcquire takes permits, and release returns them', (t) => {
  using semaphore = SharedSemaphore.create(nameFor(t, SharedSemaphore), 3);
  t.true(semaphore.tryAcquire(2));
  t.false(semaphore.tryAcquire(2));
  t.true(semaphore.tryAcquire());
  t.false(semaphore.tryAcquire());
  t.is(semaphore.release(), 1);
  t.is(semaphore.release(5), 6);
  t.is(semaphore.value, 6);
});

test('SharedSemaphore: release throws ERR_OUT_OF_RANGE past 2^31 - 1 permits', (t) => {
  using semaphore = SharedSemaphore.create(nameFor(t, SharedSemaphore), MOST - 1);
  t.throws(() => semaphore.release(2), { code: 'ERR_OUT_OF_RANGE' });
  t.is(semaphore.release(), MOST);
  t.throws(() => semaphore.release(), { code: 'ERR_OUT_OF_RANGE' });
  t.true(semaphore.tryAcquire(MOST));
  t.is(semaphore.value, 0);
});

for (const n of [0, -1, 1.5, NaN, 2 ** 31]) {
  test(`SharedSemaphore: ${n} is refused as a number of permits`, async (t) => {
    using semaphore = SharedSemaphore.create(nameFor(t, SharedSemaphore), 1);
    t.throws(() => semaphore.release(n), { code: 'ERR_OUT_OF_RANGE' });
    t.throws(() => semaphore.tryAcquire(n), { code: 'ERR_OUT_OF_RANGE' });
    await t.throwsAsync(semaphore.acquire({ n }), { code: 'ERR_OUT_OF_RANGE' });
  });
}

test('SharedSemaphore: other wrong arguments are refused', async (t) => {
  using semaphore = SharedSemaphore.create(nameFor(t, SharedSemaphore), 1);
  throwsArgType(t, () => SharedSemaphore.create('name', 1, 2 as never));
  throwsArgType(t, () => semaphore.release('1' as never));
  throwsArgType(t, () => semaphore.acquireSync('1' as never));
  await t.throwsAsync(semaphore.acquire({ timeout: -1 }), { code: 'ERR_OUT_OF_RANGE' });
  await t.throwsAsync(semaphore.acquire({ timeout: Infinity }), { code: 'ERR_OUT_OF_RANGE' });
  await t.throwsAsync(semaphore.acquire({ signal: {} as never }), { code: 'ERR_INVALID_ARG_TYPE' });
  await t.throwsAsync(semaphore.acquire(1 as never), { code: 'ERR_INVALID_ARG_TYPE' });
  t.is(semaphore.value, 1);
});

test('SharedSemaphore: worker threads release what the main thread acquires', async (t) => {
  using semaphore = SharedSemaphore.create(nameFor(t, SharedSemaphore), 0);
  const workers = [1, 2, 3].map(() => new Worker(fixture('semaphore-worker'), { workerData: semaphore.name }));
  const exits = workers.map((worker) => new Promise((done) => worker.once('exit', done)));
  for (let round = 0; round < 300; round += 1) t.true(await semaphore.acquire({ timeout: 60 }));
  await Promise.all(exits);
  t.is(semaphore.value, 0);
});
