import { once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import { SharedDict, SharedMutex, type MutexGuard } from 'shmkit';
import { fixture, startChild } from '../support/child';
import { now, until } from '../support/clock';
import { makeDict } from '../support/dict';
import { nameFor } from '../support/names';
import { throwsArgType, throwsShm } from '../support/throws';

test('SharedMutex: a holder excludes other handles until release, and tokens grow', async (t) => {
  const name = nameFor(t, SharedMutex);
  using mutex = SharedMutex.openOrCreate(name);
  using other = SharedMutex.openOrCreate(name);
  const guard = mutex.tryLock() as MutexGuard;
  t.deepEqual([guard.ownerDied, guard.released], [false, false]);
  t.is(other.tryLock(), null);
  t.is(mutex.tryLock(), null);
  t.is(await other.lock({ timeout: 0 }), null);
  t.is(other.lockSync(0.01), null);
  guard.release();
  guard.release();
  t.true(guard.released);
  const next = (await other.lock()) as MutexGuard;
  t.true(next.token > guard.token);
  next[Symbol.dispose]();
  t.true((other.lockSync() as MutexGuard).token > next.token);
});

test('SharedMutex: a second release of a guard does not release the next holder', (t) => {
  const name = nameFor(t, SharedMutex);
  using mutex = SharedMutex.openOrCreate(name);
  const first = mutex.tryLock() as MutexGuard;
  first.release();
  const second = mutex.tryLock() as MutexGuard;
  first.release();
  t.is(mutex.tryLock(), null);
  second.release();
});

test('SharedMutex: tokens stay exact past 2^53', (t) => {
  const LAST_TOKEN = 17_416;
  using mutex = SharedMutex.openOrCreate(nameFor(t, SharedMutex));
  const file = openSync(mutex.path, 'r+');
  t.teardown(() => closeSync(file));
  for (const last of [2n ** 53n - 2n, 2n ** 53n - 1n, 2n ** 53n]) {
    writeSync(file, new BigUint64Array([last]), 0, 8, LAST_TOKEN);
    const guard = mutex.tryLock() as MutexGuard;
    t.is(guard.token, last + 1n);
    t.is(mutex.tryLock(), null);
    guard.release();
  }
  t.false(mutex.tryLock()?.ownerDied);
});

test('SharedMutex: list returns whether the mutex is locked', (t) => {
  const name = nameFor(t, SharedMutex);
  using mutex = SharedMutex.openOrCreate(name);
  const line = () => SharedMutex.list().find((listed) => listed.name === name);
  t.like(line(), { locked: false, processes: [process.pid] });
  mutex.tryLock();
  t.like(line(), { locked: true });
});

test('SharedMutex: lock waits for another process without blocking the event loop', async (t) => {
  using mutex = SharedMutex.openOrCreate(nameFor(t, SharedMutex));
  const child = startChild(t, 'mutex', [mutex.name]);
  await child.next();
  const { token } = await child.ask<{ token: bigint }>(['lock']);
  const waiting = mutex.lock();
  t.is(await Promise.race([waiting, setTimeout(20, 'still')]), 'still');
  await child.ask(['unlock']);
  const guard = (await waiting) as MutexGuard;
  t.true(guard.token > token);
  t.false(guard.ownerDied);
});

test('SharedMutex: lock returns null at its timeout, rejects on abort, and takes nothing', async (t) => {
  const name = nameFor(t, SharedMutex);
  using mutex = SharedMutex.openOrCreate(name);
  using other = SharedMutex.openOrCreate(name);
  const guard = mutex.tryLock();
  const start = now();
  t.is(await other.lock({ timeout: 0.05 }), null);
  t.true(now() - start >= 0.05);
  const controller = new AbortController();
  const waiting = other.lock({ signal: controller.signal });
  controller.abort();
  await t.throwsAsync(waiting, { name: 'AbortError' });
  guard?.release();
  t.false((await mutex.lock())?.ownerDied);
});

test('SharedMutex: ownerDied is set for the next holder after a killed one', async (t) => {
  using mutex = SharedMutex.openOrCreate(nameFor(t, SharedMutex));
  const child = startChild(t, 'mutex', [mutex.name]);
  await child.next();
  await child.ask(['lock']);
  const waiting = mutex.lock();
  await child.kill();
  const guard = (await waiting) as MutexGuard;
  t.true(guard.ownerDied);
  guard.release();
  t.false((await mutex.lock())?.ownerDied);
});

test('SharedMutex: tryLock and lockSync take the mutex of a killed holder', async (t) => {
  using mutex = SharedMutex.openOrCreate(nameFor(t, SharedMutex));
  for (const method of ['tryLock', 'lockSync'] as const) {
    const child = startChild(t, 'mutex', [mutex.name]);
    await child.next();
    await child.ask(['lockSync']);
    await child.kill();
    const guard = mutex[method]() as MutexGuard;
    t.true(guard.ownerDied);
    guard.release();
  }
});

test('SharedMutex: a stopped holder keeps the mutex', async (t) => {
  using mutex = SharedMutex.openOrCreate(nameFor(t, SharedMutex));
  const child = startChild(t, 'mutex', [mutex.name]);
  await child.next();
  await child.ask(['lock']);
  child.process.kill('SIGSTOP');
  t.is(await mutex.lock({ timeout: 0.3 }), null);
  child.process.kill('SIGCONT');
  await child.ask(['unlock']);
  t.false((await mutex.lock())?.ownerDied);
});

test('SharedMutex: killed waiters do not keep it from the others', async (t) => {
  using mutex = SharedMutex.openOrCreate(nameFor(t, SharedMutex));
  const guard = mutex.tryLock();
  const children = [1, 2, 3].map(() => startChild(t, 'mutex', [mutex.name]));
  await Promise.all(children.map((child) => child.next()));
  const answers = children.map((child, index) => child.ask([index === 0 ? 'lock' : 'lockSync']).catch(() => 'killed'));
  await Promise.all(children.slice(0, 2).map((child) => child.kill()));
  guard?.release();
  t.like(await answers[2], { ownerDied: false });
});

for (const end of ['terminates', 'ends'] as const) {
  test(`SharedMutex: ownerDied is set for the next holder after a worker thread ${end}`, async (t) => {
    using mutex = SharedMutex.openOrCreate(nameFor(t, SharedMutex));
    const worker = new Worker(fixture('mutex-worker'), { workerData: { name: mutex.name, stay: end === 'terminates' } });
    const exited = once(worker, 'exit');
    const [token] = (await once(worker, 'message')) as [bigint];
    const waiting = mutex.lock();
    if (end === 'terminates') await worker.terminate();
    await exited;
    const guard = (await waiting) as MutexGuard;
    t.true(guard.ownerDied);
    t.true(guard.token > token);
  });
}

test('SharedMutex: close frees the mutex and rejects the waits of the handle', async (t) => {
  const name = nameFor(t, SharedMutex);
  using mutex = SharedMutex.openOrCreate(name);
  const other = SharedMutex.openOrCreate(name);
  const guard = other.tryLock() as MutexGuard;
  const waiting = other.lock();
  other.close();
  await t.throwsAsync(waiting, { code: 'ERR_SHM_CLOSED' });
  guard.release();
  t.true((await mutex.lock())?.ownerDied);
});

test('SharedMutex: lockSync throws when a handle of the same thread holds the mutex', async (t) => {
  const name = nameFor(t, SharedMutex);
  using mutex = SharedMutex.openOrCreate(name);
  using other = SharedMutex.openOrCreate(name);
  for (const [holder, waiter] of [[mutex, mutex], [mutex, other], [other, mutex]] as const) {
    const guard = (await holder.lock()) as MutexGuard;
    const { object } = throwsShm(t, () => waiter.lockSync(), 'ERR_SHM_DEADLOCK');
    t.deepEqual(object, { kind: 'mutex', name });
    t.is(waiter.lockSync(0.01), null);
    guard.release();
    waiter.lockSync()?.release();
  }
});

test('SharedMutex: a thousand waits in one process are served one by one', async (t) => {
  using mutex = SharedMutex.openOrCreate(nameFor(t, SharedMutex));
  let inside = 0;
  const tokens: bigint[] = [];
  const all = Array.from({ length: 1000 }, async () => {
    using guard = await mutex.lock();
    inside += 1;
    t.is(inside, 1);
    tokens.push((guard as MutexGuard).token);
    await setTimeout(0);
    inside -= 1;
  });
  await Promise.all(all);
  t.is(new Set(tokens).size, 1000);
  t.deepEqual(tokens, tokens.toSorted((left, right) => Number(left - right)));
});

test('SharedMutex: a count under it stays right when holders are killed', async (t) => {
  using mutex = SharedMutex.openOrCreate(nameFor(t, SharedMutex));
  const dict: SharedDict = makeDict(t);
  const TIMES = 300;
  const steady = [1, 2, 3].map(() => startChild(t, 'mutex-count', [mutex.name, dict.name, TIMES]));
  for (let round = 0; round < 3; round += 1) {
    const victim = startChild(t, 'mutex-count', [mutex.name, dict.name, 1_000_000]);
    const before = dict.get('count') as number | undefined;
    await until(() => (dict.get('count') as number) > (before ?? 0) + 20);
    await victim.kill();
  }
  t.deepEqual(await Promise.all(steady.map((child) => child.exited)), [0, 0, 0]);
  t.true((dict.get('count') as number) >= 3 * TIMES);
  t.true(BigInt(dict.get('token') as number) <= ((await mutex.lock()) as MutexGuard).token);
});

test('SharedMutex: lock and lockSync refuse wrong arguments', async (t) => {
  using mutex = SharedMutex.openOrCreate(nameFor(t, SharedMutex));
  await t.throwsAsync(mutex.lock({ timeout: NaN }), { code: 'ERR_OUT_OF_RANGE' });
  await t.throwsAsync(mutex.lock({ ref: 1 as never }), { code: 'ERR_INVALID_ARG_TYPE' });
  throwsArgType(t, () => mutex.lockSync('1' as never));
  t.throws(() => mutex.lockSync(-1), { code: 'ERR_OUT_OF_RANGE' });
});

test('SharedMutex: a lock that is granted and whose handle is closed at once is not held', async (t) => {
  using other = SharedMutex.create(nameFor(t, SharedMutex));
  const mutex = SharedMutex.open(other.name);
  const locking = mutex.lock();
  mutex.close();
  await t.throwsAsync(locking, { code: 'ERR_SHM_CLOSED' });
  t.truthy(other.tryLock());
});
