import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import { fixture } from '../support/child';
import { now, until } from '../support/clock';
import { makeLocks, startOther } from '../support/locks';

test('ownerDied is set for the next holder after a killed one, and for no other', async (t) => {
  const locks = makeLocks(t);
  const ownerDiedOf = (options: object = {}) => locks.request('a', options, (lock) => lock?.ownerDied);
  for (const mode of ['exclusive', 'shared']) {
    const holder = await startOther(t, locks);
    t.like(await holder.ask(['request', 'a', { mode }]), { ownerDied: false });
    const waiting = [ownerDiedOf(), ownerDiedOf({ mode: 'shared' })];
    await holder.kill();
    t.deepEqual(await Promise.all(waiting), [true, false]);
    t.is(await ownerDiedOf({ ifAvailable: true }), false);
  }
});

test('ownerDied is set for every kind of request granted after a killed holder', async (t) => {
  const locks = makeLocks(t);
  for (const options of [{}, { ifAvailable: true }, { steal: true }, { mode: 'shared' as const }]) {
    const holder = await startOther(t, locks);
    await holder.ask(['request', 'a']);
    await holder.kill();
    t.deepEqual(locks.query(), { held: [], pending: [] });
    t.is(await locks.request('a', options, (lock) => lock?.ownerDied), true);
    t.is(await locks.request('a', (lock) => lock?.ownerDied), false);
  }
});

test('ownerDied is not set when the killed process only waited, or had lost the lock', async (t) => {
  const locks = makeLocks(t);
  const other = await startOther(t, locks);
  await other.ask(['request', 'a']);
  const ownerDied = await locks.request('a', { steal: true }, async (lock) => {
    t.is(await other.next(), 'AbortError');
    other.process.send(['request', 'a']);
    await until(() => locks.query().pending.length === 1);
    await other.kill();
    return lock?.ownerDied;
  });
  t.deepEqual([ownerDied, await locks.request('a', (lock) => lock?.ownerDied)], [false, false]);
});

for (const end of ['terminates', 'ends'] as const) {
  test(`ownerDied is set for the next holder after a worker thread ${end}`, async (t) => {
    const locks = makeLocks(t);
    const worker = new Worker(fixture('locks-worker'), { workerData: { name: locks.name, stay: end === 'terminates' } });
    const exited = once(worker, 'exit');
    await once(worker, 'message');
    const waiting = locks.request('held', (lock) => lock?.ownerDied);
    if (end === 'terminates') await worker.terminate();
    await exited;
    t.deepEqual([await waiting, await locks.request('held', (lock) => lock?.ownerDied)], [true, false]);
  });
}

test('ownerDied passes to the next holder when a granted request is aborted undelivered', async (t) => {
  const locks = makeLocks(t);
  const holder = await startOther(t, locks);
  await holder.ask(['request', 'a']);
  const controller = new AbortController();
  const aborted = locks.request('a', { signal: controller.signal }, () => t.fail());
  process.kill(holder.pid, 'SIGKILL');
  // Without a turn of the event loop, in which the grant would be delivered.
  const end = now() + 60;
  while (locks.query().held[0]?.pid !== process.pid && now() < end);
  t.is(locks.query().held[0]?.pid, process.pid);
  controller.abort();
  await t.throwsAsync(aborted, { name: 'AbortError' });
  t.is(await locks.request('a', (lock) => lock?.ownerDied), true);
});
