import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { SharedSemaphore } from 'shmkit';
import { countLines, startChild } from '../support/child';
import { now, until } from '../support/clock';
import { nameFor } from '../support/names';

test('SharedSemaphore: acquire takes present permits at once', async (t) => {
  using semaphore = SharedSemaphore.create(nameFor(t, SharedSemaphore), 2);
  t.true(await semaphore.acquire());
  t.true(await semaphore.acquire({ n: 1, timeout: 0 }));
  t.false(await semaphore.acquire({ timeout: 0 }));
});

test('SharedSemaphore: acquire waits for another process without blocking the event loop', async (t) => {
  using semaphore = SharedSemaphore.create(nameFor(t, SharedSemaphore), 0);
  const child = startChild(t, 'semaphore', [semaphore.name]);
  await child.next();
  const waiting = semaphore.acquire();
  await setTimeout(1);
  t.is(await child.ask(['release']), 1);
  t.true(await waiting);
  t.is(semaphore.value, 0);
});

test('SharedSemaphore: acquire returns false at its timeout, not before', async (t) => {
  using semaphore = SharedSemaphore.create(nameFor(t, SharedSemaphore), 1);
  const start = now();
  t.false(await semaphore.acquire({ n: 2, timeout: 0.05 }));
  t.true(now() - start >= 0.05);
  t.is(semaphore.value, 1);
});

test('SharedSemaphore: an aborted acquire rejects and takes nothing', async (t) => {
  using semaphore = SharedSemaphore.create(nameFor(t, SharedSemaphore), 0);
  const controller = new AbortController();
  const waiting = semaphore.acquire({ signal: controller.signal });
  controller.abort(new Error('why'));
  const error = await t.throwsAsync(waiting, { name: 'AbortError' });
  t.is((error as Error & { cause: Error }).cause.message, 'why');
  await t.throwsAsync(semaphore.acquire({ signal: AbortSignal.abort() }), { name: 'AbortError' });
  t.is(semaphore.release(), 1);
});

test('SharedSemaphore: no permit is lost when a release meets an abort', async (t) => {
  using semaphore = SharedSemaphore.create(nameFor(t, SharedSemaphore), 0);
  for (let round = 0; round < 300; round += 1) {
    const controller = new AbortController();
    const waiting = semaphore.acquire({ signal: controller.signal }).catch(() => false);
    if (round % 3 === 0) await setTimeout(0);
    semaphore.release();
    if (round % 2 === 0) await setTimeout(0);
    controller.abort();
    if (await waiting) semaphore.release();
    t.true(await semaphore.acquire({ timeout: 60 }));
  }
  t.is(semaphore.value, 0);
});

test('SharedSemaphore: a small acquire may overtake a large one, and neither starves', async (t) => {
  using semaphore = SharedSemaphore.create(nameFor(t, SharedSemaphore), 0);
  const much = semaphore.acquire({ n: 3 });
  const little = semaphore.acquire();
  semaphore.release();
  t.true(await little);
  semaphore.release(3);
  t.true(await much);
});

test('SharedSemaphore: ten thousand waits are served, and as many aborts leave nothing behind', async (t) => {
  using semaphore = SharedSemaphore.create(nameFor(t, SharedSemaphore), 0);
  const all = Array.from({ length: 10_000 }, () => semaphore.acquire());
  semaphore.release(4000);
  for (let left = 6000; left > 0; left -= 100) semaphore.release(100);
  t.true((await Promise.all(all)).every(Boolean));
  t.is(semaphore.value, 0);
  const controller = new AbortController();
  const aborted = Array.from({ length: 10_000 }, () => semaphore.acquire({ signal: controller.signal }).catch((error: Error) => error.name));
  controller.abort();
  t.deepEqual([...new Set(await Promise.all(aborted))], ['AbortError']);
  semaphore.release();
  t.true(await semaphore.acquire({ timeout: 60 }));
});

test('SharedSemaphore: waits for 200 semaphores at once are served', async (t) => {
  const semaphores = Array.from({ length: 200 }, () => SharedSemaphore.create(nameFor(t, SharedSemaphore), 0));
  t.teardown(() => semaphores.forEach((semaphore) => semaphore.close()));
  const all = semaphores.map((semaphore) => semaphore.acquire({ timeout: 60 }));
  for (const semaphore of semaphores.toReversed()) semaphore.release();
  t.true((await Promise.all(all)).every(Boolean));
});

test('SharedSemaphore: close rejects the waits of the handle, and no others', async (t) => {
  const semaphore = SharedSemaphore.create(nameFor(t, SharedSemaphore), 0);
  using other = SharedSemaphore.open(semaphore.name);
  const waiting = semaphore.acquire();
  const others = other.acquire();
  semaphore.close();
  await t.throwsAsync(waiting, { code: 'ERR_SHM_CLOSED' });
  await t.throwsAsync(semaphore.acquire(), { code: 'ERR_SHM_CLOSED' });
  other.release();
  t.true(await others);
});

test('SharedSemaphore: acquireSync blocks until another process releases', async (t) => {
  using semaphore = SharedSemaphore.create(nameFor(t, SharedSemaphore), 0);
  const child = startChild(t, 'semaphore', [semaphore.name]);
  await child.next();
  const blocked = child.ask(['acquireSync']);
  semaphore.release();
  t.true(await blocked);
  t.false(semaphore.acquireSync(0));
  t.false(semaphore.acquireSync(0.01));
});

test('SharedSemaphore: a killed waiter takes no permit, and the others are woken', async (t) => {
  using semaphore = SharedSemaphore.create(nameFor(t, SharedSemaphore), 0);
  const children = [1, 2, 3, 4].map(() => startChild(t, 'semaphore', [semaphore.name]));
  await Promise.all(children.map((child) => child.next()));
  const results = children.map((child) => child.ask(['acquireSync']).catch(() => 'killed'));
  await Promise.all(children.slice(0, 2).map((child) => child.kill()));
  semaphore.release(2);
  t.deepEqual(await Promise.all(results), ['killed', 'killed', true, true]);
  t.is(semaphore.value, 0);
});

test('SharedSemaphore: a killed releaser loses no permit it had added', async (t) => {
  using semaphore = SharedSemaphore.create(nameFor(t, SharedSemaphore), 0);
  for (let round = 0; round < 5; round += 1) {
    const child = startChild(t, 'semaphore-releaser', [semaphore.name], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    const { total } = countLines(child);
    t.true(await semaphore.acquire({ n: 50, timeout: 60 }));
    await child.kill();
    let taken = 50;
    while (semaphore.tryAcquire()) taken += 1;
    const acknowledged = await total;
    t.true(taken === acknowledged || taken === acknowledged + 1, `${taken} taken, ${acknowledged} acknowledged`);
    t.is(semaphore.value, 0);
  }
});

test('SharedSemaphore: a worker thread that ends gives up its waits', async (t) => {
  using semaphore = SharedSemaphore.create(nameFor(t, SharedSemaphore), 0);
  const child = startChild(t, 'semaphore-terminated-waiter', [semaphore.name]);
  t.is(await child.next(), 'terminated');
  semaphore.release(5);
  await until(() => semaphore.value === 5);
  t.is(await child.ask('value'), 5);
});
