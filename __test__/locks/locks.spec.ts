import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import { SharedLocks, type Lock } from 'shmkit';
import { fixture } from '../support/child';
import { until } from '../support/clock';
import { makeLocks, startOther } from '../support/locks';
import { throwsShm } from '../support/throws';

/** A promise, and how to settle it. */
function gate(): { passed: Promise<void>; open: () => void } {
  const steps: Array<() => void> = [];
  const passed = new Promise<void>((resolve) => {
    steps.push(resolve);
  });
  return { passed, open: () => steps[0]?.() };
}

test('the callback runs with the lock, and its result is the result of the request', async (t) => {
  const locks = makeLocks(t);
  const result = await locks.request('a', (lock) => {
    t.like(lock, { name: 'a', mode: 'exclusive', ownerDied: false });
    t.deepEqual(locks.query().held, [{ name: 'a', mode: 'exclusive', pid: process.pid, clientId: String(process.pid) }]);
    return 7;
  });
  t.is(result, 7);
  t.deepEqual(locks.query(), { held: [], pending: [] });
});

test('what the callback throws or rejects with rejects the request, and the lock is free', async (t) => {
  const locks = makeLocks(t);
  await t.throwsAsync(locks.request('a', () => Promise.reject(new Error('own'))), { message: 'own' });
  await t.throwsAsync(locks.request('a', () => JSON.parse('{')), { name: 'SyntaxError' });
  t.deepEqual(locks.query().held, []);
});

test('exclusive locks of a name exclude each other, in the order of their requests', async (t) => {
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

test('shared locks go together; an exclusive one waits for them, and later shared ones for it', async (t) => {
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

test('ifAvailable gives null instead of waiting', async (t) => {
  const locks = makeLocks(t);
  await locks.request('a', async () => {
    t.is(await locks.request('a', { ifAvailable: true }, (lock) => lock), null);
    t.is((await locks.request('b', { ifAvailable: true }, (lock) => lock))?.name, 'b');
  });
  t.not(await locks.request('a', { ifAvailable: true }, (lock) => lock), null);
});

test('processes exclude each other, and see each other in query', async (t) => {
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

test('steal takes the lock from a living holder, whose request rejects, and the token moves on', async (t) => {
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

test('a request that was robbed rejects even if its callback was done first', async (t) => {
  const locks = makeLocks(t);
  let robbery: Promise<unknown> | undefined;
  const robbed = locks.request('a', () => {
    robbery = locks.request('a', { steal: true }, () => 'thief');
    return 'done';
  });
  await t.throwsAsync(robbed, { name: 'AbortError', any: true });
  t.is(await robbery, 'thief');
});

test('an abort ends a request that waits, and lets those behind it through', async (t) => {
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

test('requests of killed processes vanish, held and pending', async (t) => {
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

test('a table can be opened in the place of a dead process while others hold locks', async (t) => {
  const locks = makeLocks(t);
  const [dying, living] = [await startOther(t, locks), await startOther(t, locks)];
  await dying.ask(['request', 'a']);
  await living.ask(['request', 'b']);
  await dying.kill();
  const late = await startOther(t, locks);
  t.like(await late.ask(['request', 'a']), { mode: 'exclusive' });
});

test('a stopped holder keeps its lock', async (t) => {
  const locks = makeLocks(t);
  const other = await startOther(t, locks);
  await other.ask(['request', 'a']);
  other.process.kill('SIGSTOP');
  await t.throwsAsync(locks.request('a', { signal: AbortSignal.timeout(300) }, () => t.fail()), { name: 'AbortError' });
  other.process.kill('SIGCONT');
  t.is(await other.ask(['release']), 'released');
});

test('the requests of a worker go with it', async (t) => {
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

test('closing ends what waits and frees what is held', async (t) => {
  const locks = makeLocks(t);
  const other = SharedLocks.open(locks.name);
  const holding = other.request('a', () => new Promise(() => {}));
  const waiting = other.request('a', () => t.fail());
  const mine = locks.request('a', (lock) => lock?.ownerDied);
  await setTimeout(1);
  other.close();
  await t.throwsAsync(holding, { code: 'ERR_SHM_CLOSED' });
  await t.throwsAsync(waiting, { code: 'ERR_SHM_CLOSED' });
  t.is(await mine, true);
});

test('a thousand requests of four processes are all served', async (t) => {
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

test('a full table is an error, and room comes back', async (t) => {
  const locks = makeLocks(t, { capacity: 2 });
  await locks.request('a', async () => {
    await locks.request('b', async () => {
      await t.throwsAsync(locks.request('c', () => {}), { code: 'ERR_SHM_FULL' });
    });
    t.is(await locks.request('c', () => 'room'), 'room');
  });
  throwsShm(t, () => SharedLocks.openOrCreate(locks.name, { capacity: 3 }), 'ERR_SHM_OPTIONS_MISMATCH');
});

test('names are any strings up to their limit', async (t) => {
  const locks = makeLocks(t);
  const names = ['', 'ä', '😀', '\ud800', '\udfff', '__proto__', 'a\0', 'a', 'x'.repeat(288)];
  await Promise.all(names.map((name) => locks.request(name, () => setTimeout(20))).concat(
    (async () => {
      t.deepEqual(locks.query().held.map((line) => line.name), names);
    })(),
  ));
  await t.throwsAsync(locks.request('x'.repeat(289), () => {}), { code: 'ERR_SHM_TOO_LARGE' });
});

test('wrong arguments are refused', async (t) => {
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
