import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import { SharedLocks, type Lock } from 'shmkit';
import { fixture } from '../support/child';
import { until } from '../support/clock';
import { makeLocks, startOther } from '../support/locks';
import { throwsShm } from '../support/throws';

/** Returns a promise, and a function that settles it. */
function gate(): { passed: Promise<void>; open: () => void } {
  const steps: Array<() => void> = [];
  const passed = new Promise<void>((resolve) => {
    steps.push(resolve);
  });
  return { passed, open: () => steps[0]?.() };
}

test('SharedLocks: request runs the callback with the lock and returns its result', async (t) => {
  const locks = makeLocks(t);
  const result = await locks.request('a', (lock) => {
    t.like(lock, { name: 'a', mode: 'exclusive', ownerDied: false });
    const { held } = locks.query();
    t.is(held.length, 1);
    t.like(held[0], { name: 'a', mode: 'exclusive', pid: process.pid, clientId: String(process.pid) });
    return 7;
  });
  t.is(result, 7);
  t.deepEqual(locks.query(), { held: [], pending: [] });
});

test('SharedLocks: request rejects with the error of the callback, and frees the lock', async (t) => {
  const locks = makeLocks(t);
  await t.throwsAsync(locks.request('a', () => Promise.reject(new Error('own'))), { message: 'own' });
  await t.throwsAsync(locks.request('a', () => JSON.parse('{')), { name: 'SyntaxError' });
  t.deepEqual(locks.query().held, []);
});

test('SharedLocks: exclusive requests of a name are granted one by one, in their order', async (t) => {
  const locks = makeLocks(t);
  const order: number[] = [];
  let inside = 0;
  const all = Array.from({ length: 50 }, (_, number) =>
    locks.request('a', async () => {
      inside += 1;
      t.is(inside, 1);
      order.push(number);
      await setTimeout(0);
      inside -= 1;
    }),
  );
  await Promise.all(all);
  t.deepEqual(order, Array.from({ length: 50 }, (_, number) => number));
});

test('SharedLocks: shared requests go together, and later ones wait for an exclusive one', async (t) => {
  const locks = makeLocks(t);
  const { passed, open } = gate();
  const log: string[] = [];
  const one = locks.request('a', { mode: 'shared' }, () => passed);
  const two = locks.request('a', { mode: 'shared' }, () => passed);
  const three = locks.request('a', () => log.push('exclusive'));
  const four = locks.request('a', { mode: 'shared' }, () => log.push('shared'));
  const { held, pending } = locks.query();
  t.deepEqual([held.length, pending.map(({ mode }) => mode)], [2, ['exclusive', 'shared']]);
  t.is(await locks.request('b', () => 'another name'), 'another name');
  open();
  await Promise.all([one, two, three, four]);
  t.deepEqual(log, ['exclusive', 'shared']);
});

test('SharedLocks: request with ifAvailable passes null instead of waiting', async (t) => {
  const locks = makeLocks(t);
  await locks.request('a', async () => {
    t.is(await locks.request('a', { ifAvailable: true }, (lock) => lock), null);
    t.is((await locks.request('b', { ifAvailable: true }, (lock) => lock))?.name, 'b');
  });
  t.not(await locks.request('a', { ifAvailable: true }, (lock) => lock), null);
});

test('SharedLocks: processes exclude each other, and query lists those of all', async (t) => {
  const locks = makeLocks(t);
  const other = await startOther(t, locks);
  const { token } = await other.ask<Lock>(['request', 'a']);
  const waiting = locks.request('a', (lock) => lock?.token);
  const { held, pending } = locks.query();
  t.like(held[0], { name: 'a', pid: other.pid });
  t.like(pending[0], { name: 'a', pid: process.pid });
  t.is(await other.ask(['release']), 'released');
  t.true(((await waiting) as bigint) > token);
});

test("SharedLocks: steal rejects the holder's request and raises the token", async (t) => {
  const locks = makeLocks(t);
  const other = await startOther(t, locks);
  const { token } = await other.ask<Lock>(['request', 'a']);
  const waiting = locks.request('a', () => 'waited');
  const result = await locks.request('a', { steal: true }, async (lock) => {
    t.true((lock?.token as bigint) > token);
    t.is(await other.next(), 'AbortError');
    return 'stolen';
  });
  t.deepEqual([result, await waiting], ['stolen', 'waited']);
  t.deepEqual(locks.query(), { held: [], pending: [] });
});

test("SharedLocks: steal rejects the holder's request at once when its event loop is idle", async (t) => {
  const locks = makeLocks(t);
  // Without a channel to this process, which would give its event loop something to do.
  const holder = spawn(process.execPath, [fixture('idle-lock-holder'), locks.name], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => holder.kill('SIGKILL'));
  const ended = text(holder.stdout);
  await until(() => locks.query().held.length === 1);
  await locks.request('a', { steal: true }, async () => t.is(await ended, 'AbortError'));
});

test('SharedLocks: a request whose lock was stolen rejects, even after its callback ended', async (t) => {
  const locks = makeLocks(t);
  let stealing: Promise<unknown> | undefined;
  const stolen = locks.request('a', () => {
    stealing = locks.request('a', { steal: true }, () => 'thief');
    return 'done';
  });
  await t.throwsAsync(stolen, { name: 'AbortError', any: true });
  t.is(await stealing, 'thief');
});

test('SharedLocks: an aborted request leaves the queue, and those behind it go on', async (t) => {
  const locks = makeLocks(t);
  const { passed, open } = gate();
  const holding = locks.request('a', { mode: 'shared' }, () => passed);
  const controller = new AbortController();
  const aborted = locks.request('a', { signal: controller.signal }, () => t.fail());
  const behind = locks.request('a', { mode: 'shared' }, () => 'through');
  controller.abort();
  await t.throwsAsync(aborted, { name: 'AbortError' });
  t.is(await behind, 'through');
  open();
  await holding;
  await t.throwsAsync(locks.request('a', { signal: AbortSignal.abort() }, () => t.fail()), { name: 'AbortError' });
  const late = new AbortController();
  t.is(await locks.request('a', { signal: late.signal }, async () => late.abort()), undefined);
});

test('SharedLocks: held and pending requests of killed processes vanish', async (t) => {
  const locks = makeLocks(t);
  const [holder, waiter] = await Promise.all([startOther(t, locks), startOther(t, locks)]);
  await holder.ask(['request', 'a']);
  waiter.process.send(['request', 'a']);
  await until(() => locks.query().pending.length === 1);
  const waiting = locks.request('a', () => 'mine');
  await Promise.all([holder.kill(), waiter.kill()]);
  t.is(await waiting, 'mine');
  t.deepEqual(locks.query(), { held: [], pending: [] });
  const again = await startOther(t, locks);
  await again.ask(['request', 'a']);
  await again.kill();
  t.not(await locks.request('a', { ifAvailable: true }, (lock) => lock), null);
});

test("SharedLocks: open takes a dead process's slot while others hold locks", async (t) => {
  const locks = makeLocks(t);
  const [dying, living] = [await startOther(t, locks), await startOther(t, locks)];
  await dying.ask(['request', 'a']);
  await living.ask(['request', 'b']);
  await dying.kill();
  const late = await startOther(t, locks);
  t.like(await late.ask(['request', 'a']), { mode: 'exclusive' });
});

test('SharedLocks: a stopped holder keeps its lock', async (t) => {
  const locks = makeLocks(t);
  const other = await startOther(t, locks);
  await other.ask(['request', 'a']);
  other.process.kill('SIGSTOP');
  await t.throwsAsync(locks.request('a', { signal: AbortSignal.timeout(300) }, () => t.fail()), { name: 'AbortError' });
  other.process.kill('SIGCONT');
  t.is(await other.ask(['release']), 'released');
});

test('SharedLocks: held and pending requests of a worker thread end with it', async (t) => {
  const locks = makeLocks(t);
  const { passed, open } = gate();
  const wanted = locks.request('wanted', () => passed);
  const worker = new Worker(fixture('locks-worker'), { workerData: { name: locks.name, stay: true } });
  await once(worker, 'message');
  const waiting = locks.request('held', () => 'mine');
  t.is(locks.query().pending.length, 2);
  await worker.terminate();
  t.is(await waiting, 'mine');
  open();
  await wanted;
  await until(() => locks.query().pending.length === 0);
});

for (const turns of [0, 1, 2]) {
  test(`SharedLocks: close rejects pending and held requests, ${turns} turns after they were made`, async (t) => {
    const locks = makeLocks(t);
    const other = SharedLocks.open(locks.name);
    const holding = other.request('a', () => new Promise(() => {}));
    const waiting = other.request('a', () => t.fail());
    const mine = locks.request('a', (lock) => lock?.ownerDied);
    // A holder begins to watch its lock one turn of the event loop after it was granted.
    for (let turn = 0; turn < turns; turn += 1) await setImmediate();
    other.close();
    await Promise.all([holding, waiting].map((request) => t.throwsAsync(request, { code: 'ERR_SHM_CLOSED' })));
    t.is(await mine, true);
  });
}

test('SharedLocks: a thousand requests of four processes are all granted', async (t) => {
  const locks = makeLocks(t);
  const tokens = new Set<bigint>();
  const others = await Promise.all([1, 2, 3].map(() => startOther(t, locks)));
  const rounds = others.map(async (other) => {
    for (let round = 0; round < 20; round += 1) {
      tokens.add((await other.ask<Lock>(['request', 'a'])).token);
      await other.ask(['release']);
    }
  });
  const own = Array.from({ length: 940 }, (_, number) =>
    locks.request(number % 2 === 0 ? 'a' : `b${number % 7}`, (lock) => tokens.add(lock?.token as bigint)),
  );
  await Promise.all([...own, ...rounds]);
  t.is(tokens.size, 1000);
  t.deepEqual(locks.query(), { held: [], pending: [] });
});

test('SharedLocks: request rejects with ERR_SHM_FULL until another one ends', async (t) => {
  const locks = makeLocks(t, { capacity: 2 });
  await locks.request('a', async () => {
    await locks.request('b', async () => {
      await t.throwsAsync(locks.request('c', () => {}), { code: 'ERR_SHM_FULL' });
    });
    t.is(await locks.request('c', () => 'room'), 'room');
  });
  throwsShm(t, () => SharedLocks.openOrCreate(locks.name, { capacity: 3 }), 'ERR_SHM_OPTIONS_MISMATCH');
});

test('SharedLocks: every string up to the limit is the name of a lock', async (t) => {
  const locks = makeLocks(t);
  const names = ['', 'ä', '😀', '\ud800', '\udfff', '__proto__', 'a\0', 'a', 'x'.repeat(288)];
  const { passed, open } = gate();
  const requests = names.map((name) => locks.request(name, () => passed));
  t.deepEqual(locks.query().held.map((line) => line.name), names);
  open();
  await Promise.all(requests);
  await t.throwsAsync(locks.request('x'.repeat(289), () => {}), { code: 'ERR_SHM_TOO_LARGE' });
});

test('SharedLocks: request refuses wrong arguments', async (t) => {
  const locks = makeLocks(t);
  const refused = (options: object, code: string) => t.throwsAsync(locks.request('a', options, () => t.fail()), { code });
  await refused({ mode: 'other' }, 'ERR_INVALID_ARG_VALUE');
  await refused({ steal: true, ifAvailable: true }, 'ERR_INVALID_ARG_VALUE');
  await refused({ steal: true, mode: 'shared' }, 'ERR_INVALID_ARG_VALUE');
  await refused({ signal: new AbortController().signal, steal: true }, 'ERR_INVALID_ARG_VALUE');
  await refused({ steal: 1 }, 'ERR_INVALID_ARG_TYPE');
  await t.throwsAsync(locks.request('a', undefined as never), { code: 'ERR_INVALID_ARG_TYPE' });
  await t.throwsAsync(locks.request(1 as never, () => {}), { code: 'ERR_INVALID_ARG_TYPE' });
  await t.throwsAsync(locks.request('-a', () => {}), { code: 'ERR_INVALID_ARG_VALUE' });
  t.throws(() => SharedLocks.openOrCreate(locks.name, { capacity: 0 }), { code: 'ERR_OUT_OF_RANGE' });
});

test('locks: a request that is granted and whose handle is closed at once runs no callback', async (t) => {
  const locks = makeLocks(t);
  const requesting = locks.request('a', () => t.fail());
  locks.close();
  await t.throwsAsync(requesting, { code: 'ERR_SHM_CLOSED' });
});
