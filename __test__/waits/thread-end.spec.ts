import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import { SharedMutex, SharedSemaphore } from 'shmkit';
import { fixture, startChild } from '../support/child';
import { until } from '../support/clock';
import { makeDir } from '../support/dict';

const EXPECTED = { terminate: 7, exit: 8, error: 1 };

for (const call of ['lockSync', 'acquireSync', 'receiveSync', 'sendSync', 'lockFileSync']) {
  test(`waits: a thread that ${call} blocks can be ended in every way`, async (t) => {
    for (const [way, code] of Object.entries(EXPECTED)) {
      const child = startChild(t, 'blocked-worker', [call, way, makeDir(t)], { silent: way === 'error' });
      t.is(await child.exited, code, way);
    }
  });
}

test('waits: a terminated thread had taken nothing of what it waited for', async (t) => {
  const dir = makeDir(t);
  using mutex = SharedMutex.openOrCreate('mutex', { dir });
  using semaphore = SharedSemaphore.openOrCreate('semaphore', 0, { dir });
  for (const call of ['lockSync', 'acquireSync']) {
    t.is(await startChild(t, 'blocked-worker', [call, 'terminate', dir]).exited, 7);
  }
  t.is(semaphore.release(), 1);
  t.true(semaphore.tryAcquire());
  t.truthy(mutex.tryLock());
});

test('waits: what was acquired for a thread that was busy until it was terminated is given back', async (t) => {
  const dir = makeDir(t);
  using semaphore = SharedSemaphore.openOrCreate('semaphore', 0, { dir });
  using mutex = SharedMutex.openOrCreate('mutex', { dir });
  for (let round = 0; round < 20; round += 1) {
    const guard = mutex.tryLock();
    const worker = new Worker(fixture('served-worker'), { argv: [dir] });
    await once(worker, 'message');
    semaphore.release();
    guard?.release();
    await until(() => semaphore.value === 0 && mutex.holder !== null);
    await worker.terminate();
    await until(() => semaphore.tryAcquire());
    await until(() => mutex.holder === null);
    const next = mutex.tryLock();
    t.is(next?.ownerDied, false);
    next?.release();
  }
});

test('waits: process.exit gives back what was acquired and not delivered', async (t) => {
  const dir = makeDir(t);
  using semaphore = SharedSemaphore.openOrCreate('semaphore', 0, { dir });
  using mutex = SharedMutex.openOrCreate('mutex', { dir });
  t.is(await startChild(t, 'exit-before-delivery', [dir]).exited, 9);
  t.is(semaphore.value, 1);
  t.like(mutex.tryLock(), { ownerDied: false });
});

test('waits: an exit event that a program emits by hand ends no wait, and removes no name', async (t) => {
  const dir = makeDir(t);
  using semaphore = SharedSemaphore.create('semaphore', 0, { dir });
  const waiting = semaphore.acquire({ timeout: 60 });
  process.emit('exit', 0);
  using other = SharedSemaphore.open('semaphore', { dir });
  other.release();
  t.true(await waiting);
});
