import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import test, { type ExecutionContext } from 'ava';
import { SharedSemaphore } from 'shmkit';
import { type Child, fixture, startChild } from '../support/child';
import { nameFor } from '../support/names';
import { seeded } from '../support/random';
import { throwsShm } from '../support/throws';

function make(t: ExecutionContext<unknown>, initial: number): SharedSemaphore {
  const semaphore = SharedSemaphore.create(nameFor(t, SharedSemaphore), initial, { holders: true });
  t.teardown(() => semaphore.close());
  return semaphore;
}

async function startOther(t: ExecutionContext<unknown>, semaphore: SharedSemaphore): Promise<Child> {
  const child = startChild(t, 'semaphore', [semaphore.name]);
  await child.next();
  return child;
}

test('holders: permits of a killed process come back, and only those it held', async (t) => {
  const semaphore = make(t, 10);
  const other = await startOther(t, semaphore);
  t.true(await other.ask(['tryAcquire', 6]));
  t.is(await other.ask(['release', 2]), 6);
  t.true(semaphore.tryAcquire(3));
  t.is(semaphore.value, 3);
  await other.kill();
  t.is(semaphore.value, 7);
  t.is(semaphore.value, 7);
  t.is(semaphore.release(3), 10);
});

test('holders: reclaimed counts in every process the permits that came back', async (t) => {
  const semaphore = make(t, 10);
  const other = await startOther(t, semaphore);
  t.is(semaphore.reclaimed, 0);
  for (const [released, reclaimed] of [[0, 4], [2, 6]] as const) {
    const dying = await startOther(t, semaphore);
    t.true(await dying.ask(['tryAcquire', 4]));
    if (released > 0) await dying.ask(['release', released]);
    const waiting = semaphore.acquire({ n: 10 });
    await dying.kill();
    t.true(await waiting);
    t.is(semaphore.reclaimed, reclaimed);
    semaphore.release(10);
  }
  t.is(await other.ask(['reclaimed']), 6);
  t.is(semaphore.value, 10);
});

test("holders: open returns a dead process's permits while others hold theirs", async (t) => {
  const semaphore = make(t, 3);
  const [dying, living] = [await startOther(t, semaphore), await startOther(t, semaphore)];
  t.true(await dying.ask(['tryAcquire']));
  t.true(await living.ask(['tryAcquire']));
  await dying.kill();
  const late = await startOther(t, semaphore);
  t.is(await late.ask(['value']), 2);
});

test('without holders, permits of a killed process do not come back', async (t) => {
  using semaphore = SharedSemaphore.create(nameFor(t, SharedSemaphore), 2);
  const other = await startOther(t, semaphore);
  t.true(await other.ask(['tryAcquire']));
  await other.kill();
  t.deepEqual([semaphore.value, semaphore.reclaimed], [1, 0]);
});

test('holders: a waiter gets the permits of a killed holder', async (t) => {
  const semaphore = make(t, 2);
  const other = await startOther(t, semaphore);
  t.true(await other.ask(['acquire', { n: 2 }]));
  const waiting = semaphore.acquire({ n: 2 });
  await other.kill();
  t.true(await waiting);
});

test('holders: tryAcquire and acquireSync take the permits of a killed holder', async (t) => {
  const semaphore = make(t, 1);
  for (const method of ['tryAcquire', 'acquireSync'] as const) {
    const other = await startOther(t, semaphore);
    t.true(await other.ask(['acquireSync']));
    await other.kill();
    t.true(semaphore[method]());
    semaphore.release();
  }
});

test('holders: a stopped holder keeps its permits', async (t) => {
  const semaphore = make(t, 1);
  const other = await startOther(t, semaphore);
  t.true(await other.ask(['tryAcquire']));
  other.process.kill('SIGSTOP');
  t.false(await semaphore.acquire({ timeout: 0.2 }));
  other.process.kill('SIGCONT');
  t.is(await other.ask(['release']), 1);
});

test('holders: openOrCreate throws when the semaphore was made without them', (t) => {
  const name = nameFor(t, SharedSemaphore);
  using semaphore = SharedSemaphore.openOrCreate(name, 1);
  throwsShm(t, () => SharedSemaphore.openOrCreate(name, 1, { holders: true }), 'ERR_SHM_OPTIONS_MISMATCH');
  t.throws(() => SharedSemaphore.create(name, 1, { holders: 1 as never }), { code: 'ERR_INVALID_ARG_TYPE' });
  t.is(semaphore.value, 1);
});

test('holders: no permit is lost or doubled when holders are killed at random moments', async (t) => {
  const random = seeded(t);
  const PERMITS = 20;
  const semaphore = make(t, PERMITS);
  for (let round = 0; round < 4; round += 1) {
    const children = [1, 2, 3].map(() => startChild(t, 'semaphore-storm', [semaphore.name, random(2 ** 31)]));
    await Promise.all(children.map((child) => child.next()));
    for (const child of children) {
      for (let turn = random(200); turn > 0; turn -= 1) {
        if (semaphore.tryAcquire()) semaphore.release();
      }
      await child.kill();
    }
    t.is(semaphore.value, PERMITS);
  }
});

for (const holders of [true, false]) {
  const title = holders ? 'holders: permits of a worker thread that ends come back, once' : 'without holders, permits of a worker thread that ends are gone';
  test(title, async (t) => {
    using semaphore = SharedSemaphore.create(nameFor(t, SharedSemaphore), 20, { holders });
    t.true(semaphore.tryAcquire(1));
    for (const stay of [true, false]) {
      const before = semaphore.value;
      const worker = new Worker(fixture('semaphore-holder'), { workerData: { name: semaphore.name, stay } });
      const exited = once(worker, 'exit');
      t.deepEqual(await once(worker, 'message'), [before - 4]);
      if (stay) await worker.terminate();
      await exited;
      t.is(semaphore.value, holders ? before : before - 4);
    }
    t.is(semaphore.reclaimed, holders ? 8 : 0);
    t.is(semaphore.release(1), holders ? 20 : 12);
  });
}

test('holders: a waiter is woken when the worker thread that holds the permits ends', async (t) => {
  using semaphore = SharedSemaphore.create(nameFor(t, SharedSemaphore), 6, { holders: true });
  const worker = new Worker(fixture('semaphore-holder'), { workerData: { name: semaphore.name, stay: true } });
  t.deepEqual(await once(worker, 'message'), [2]);
  const waiting = semaphore.acquire({ n: 6, timeout: 60 });
  await worker.terminate();
  t.true(await waiting);
});
