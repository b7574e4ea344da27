import { once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import { SharedDict, SharedMutex, type MutexGuard } from 'shmkit';
import { fixture, startChild } from '../support/child';
import { now, until } from '../support/clock';
import { makeDict } from '../support/dict';
import { nameFor } from '../support/named';
import { throwsArgType, throwsShm } from '../support/throws';

test('it excludes other handles until it is released, and tokens grow', async (t) => {
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

test('a guard that was released late releases nobody else', (t) => {
  const name = nameFor(t, SharedMutex);
  using mutex = SharedMutex.openOrCreate(name);
  const first = mutex.tryLock() as MutexGuard;
  first.release();
  const second = mutex.tryLock() as MutexGuard;
  first.release();
  t.is(mutex.tryLock(), null);
  second.release();
});

test('tokens stay exact beyond the integers that a number holds', (t) => {
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

test('list says whether it is locked, and the names are its own', (t) => {
  const name = nameFor(t, SharedMutex);
  using mutex = SharedMutex.openOrCreate(name);
  const line = () => SharedMutex.list().find((listed) => listed.name === name);
  t.like(line(), { locked: false, processes: [process.pid] });
  mutex.tryLock();
  t.like(line(), { locked: true });
  t.throws(() => SharedMutex.create(name), { code: 'ERR_SHM_EXISTS' });
});

test('lock waits for another process and leaves the event loop free', async (t) => {
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

test('a timeout gives null, and an abort rejects; neither takes it', async (t) => {
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

test('a killed owner frees it, and the next one is told', async (t) => {
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

test('tryLock and lockSync find that an owner was killed', async (t) => {
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

test('a stopped owner keeps it', async (t) => {
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

test('killed waiters do not keep it from those who are left', async (t) => {
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
  test(`a worker that ${end} frees it, and the next one is told`, async (t) => {
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

test('closing the handle frees what it held, and ends its waits', async (t) => {
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

test('waiting for what this very handle holds is refused', (t) => {
  using mutex = SharedMutex.openOrCreate(nameFor(t, SharedMutex));
  mutex.tryLock();
  throwsShm(t, () => mutex.lockSync(), 'ERR_SHM_LOCK_TIMEOUT');
  t.is(mutex.lockSync(0.01), null);
});

test('a thousand waits in one process get it one after the other', async (t) => {
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

test('processes that are killed inside do no harm to the count but for their own', async (t) => {
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

test('wrong arguments are refused', async (t) => {
  using mutex = SharedMutex.openOrCreate(nameFor(t, SharedMutex));
  await t.throwsAsync(mutex.lock({ timeout: NaN }), { code: 'ERR_OUT_OF_RANGE' });
  await t.throwsAsync(mutex.lock({ ref: 1 as never }), { code: 'ERR_INVALID_ARG_TYPE' });
  throwsArgType(t, () => mutex.lockSync('1' as never));
  throwsArgType(t, () => SharedMutex.openOrCreate(1 as never));
  t.throws(() => mutex.lockSync(-1), { code: 'ERR_OUT_OF_RANGE' });
});
