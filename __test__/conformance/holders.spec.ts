import test from 'ava';
import { SharedLocks, SharedMutex, SharedSemaphore } from 'shmkit';
import { startChild } from '../support/child';
import { nameFor } from '../support/names';

/** Times are of a clock that ticks every few milliseconds. */
const TICKS_MS = 50;

test('SharedMutex: holder tells process and time of the live owner', (t) => {
  const mutex = SharedMutex.create(nameFor(t, SharedMutex));
  t.teardown(() => mutex.close());
  t.is(mutex.holder, null);
  const before = Date.now();
  const guard = mutex.tryLock();
  const { holder } = mutex;
  t.is(holder?.pid, process.pid);
  const since = holder?.since ?? 0;
  t.true(since >= before - TICKS_MS && since <= Date.now() + TICKS_MS, String(since - before));
  t.is(SharedMutex.open(mutex.name, { readOnly: true }).holder?.pid, process.pid);
  guard?.release();
  t.is(mutex.holder, null);
});

test('SharedMutex: holder is the other process while that lives, and null after its death', async (t) => {
  const mutex = SharedMutex.create(nameFor(t, SharedMutex));
  t.teardown(() => mutex.close());
  const child = startChild(t, 'mutex', [mutex.name]);
  await child.next();
  t.truthy(await child.ask(['lock']));
  t.is(mutex.holder?.pid, child.pid);
  await child.kill();
  t.is(mutex.holder, null);
});

test('SharedSemaphore: holders tells the permits of each process', async (t) => {
  const semaphore = SharedSemaphore.create(nameFor(t, SharedSemaphore), 5, { holders: true });
  t.teardown(() => semaphore.close());
  t.deepEqual(semaphore.holders(), []);
  semaphore.tryAcquire(2);
  t.deepEqual(semaphore.holders(), [{ pid: process.pid, permits: 2 }]);
  const child = startChild(t, 'semaphore', [semaphore.name]);
  await child.next();
  t.true(await child.ask(['tryAcquire', 3]));
  t.deepEqual(semaphore.holders().find(({ pid }) => pid === child.pid), { pid: child.pid, permits: 3 });
  await child.kill();
  t.deepEqual(semaphore.holders(), [{ pid: process.pid, permits: 2 }]);
  const plain = SharedSemaphore.create(nameFor(t, SharedSemaphore), 5);
  t.teardown(() => plain.close());
  plain.tryAcquire();
  t.deepEqual(plain.holders(), []);
});

test('SharedLocks: query tells since when a lock is held or waited for', async (t) => {
  const locks = SharedLocks.create(nameFor(t, SharedLocks));
  t.teardown(() => locks.close());
  const before = Date.now();
  let waiting: Promise<unknown> | undefined;
  await locks.request('name', () => {
    waiting = locks.request('name', () => {});
    const { held, pending } = locks.query();
    for (const { since } of [...held, ...pending]) t.true(since >= before - TICKS_MS && since <= Date.now() + TICKS_MS);
    t.is(held.length + pending.length, 2);
  });
  await waiting;
});
