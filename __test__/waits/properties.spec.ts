// What all asynchronous calls promise, tested over a table of them.
import { AsyncLocalStorage } from 'node:async_hooks';
import { getEventListeners } from 'node:events';
import { setImmediate, setTimeout } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { now } from '../support/clock';
import { rejectsShm } from '../support/throws';
import { CALLS, type AsyncCall } from './table';

/** Waits that share one signal: more than the listeners at which Node.js warns. */
const MANY = 30;

/** Asserts that a promise rejects as aborted calls do: with an AbortError of its own, whose cause is the reason. */
async function rejectsAborted(t: ExecutionContext<unknown>, promise: Promise<unknown>, reason: unknown): Promise<void> {
  const error = (await t.throwsAsync(promise, { name: 'AbortError', any: true })) as Error & { code?: unknown };
  t.is(error.code, 'ABORT_ERR');
  t.is(error.cause, reason);
}

for (const { title, start, served, timedOut } of CALLS) {
  test(`${title}: goes on in the async context of its caller when another context serves it`, async (t) => {
    const { call, serve } = start(t);
    const storage = new AsyncLocalStorage<string>();
    const inContext = storage.run('caller', async () => {
      const result = await call();
      return [result, storage.getStore()];
    });
    await setImmediate();
    storage.run('server', serve);
    t.deepEqual(await inContext, [served, 'caller']);
  });

  test(`${title}: is served within a second of what it waits for`, async (t) => {
    const { call, serve } = start(t);
    const waiting = call();
    await setTimeout(50);
    const begin = now();
    serve();
    t.is(await waiting, served);
    t.true(now() - begin < 1);
  });

  test(`${title}: many calls with one signal add one listener, and none when they have ended`, async (t) => {
    const { call } = start(t);
    const abort = new AbortController();
    const reason = new Error('why');
    const waiting = Array.from({ length: MANY }, () => call({ signal: abort.signal }));
    const ended = Promise.all(waiting.map((promise) => rejectsAborted(t, promise, reason)));
    await setTimeout(20);
    t.is(getEventListeners(abort.signal, 'abort').length, 1);
    abort.abort(reason);
    await ended;
    t.is(getEventListeners(abort.signal, 'abort').length, 0);
  });

  test(`${title}: removes its listener when it is served`, async (t) => {
    const { call, serve } = start(t);
    const { signal } = new AbortController();
    const waiting = call({ signal });
    await setTimeout(20);
    t.is(getEventListeners(signal, 'abort').length, 1);
    serve();
    t.is(await waiting, served);
    t.is(getEventListeners(signal, 'abort').length, 0);
  });

  test(`${title}: refuses a signal that tells or forgets no listener, and takes nothing`, async (t) => {
    const { call, serve } = start(t);
    for (const signal of [{ aborted: false }, { aborted: false, addEventListener() {} }, { aborted: false, removeEventListener() {} }]) {
      const error = await t.throwsAsync(async () => call({ signal: signal as never }), { code: 'ERR_INVALID_ARG_TYPE' });
      t.true(error instanceof TypeError);
    }
    const waiting = call();
    serve();
    await t.notThrowsAsync(waiting);
  });

  test(`${title}: rejects at once when its signal has aborted before, and takes nothing`, async (t) => {
    const { call, serve } = start(t);
    const reason = new Error('why');
    await rejectsAborted(t, call({ signal: AbortSignal.abort(reason) }), reason);
    const waiting = call();
    await setImmediate();
    serve();
    t.is(await waiting, served);
  });

  test(`${title}: what an aborted call would have got goes to the next one`, async (t) => {
    const { call, serve } = start(t);
    const abort = new AbortController();
    const reason = new Error('why');
    const [first, second] = [call({ signal: abort.signal }), call()];
    const ended = rejectsAborted(t, first, reason);
    await setImmediate();
    abort.abort(reason);
    await ended;
    serve();
    t.is(await second, served);
  });

  test(`${title}: an abort after it was served changes nothing`, async (t) => {
    const { call, serve } = start(t);
    const abort = new AbortController();
    const waiting = call({ signal: abort.signal });
    await setImmediate();
    serve();
    t.is(await waiting, served);
    abort.abort();
    t.is(await waiting, served);
  });

  test(`${title}: rejects, and does not throw, when its arguments are wrong`, async (t) => {
    const { call } = start(t);
    await t.throwsAsync(call({ signal: {} as AbortSignal }), { code: 'ERR_INVALID_ARG_TYPE' });
    await t.throwsAsync(call({ tiemout: 1 } as never), { code: 'ERR_INVALID_ARG_VALUE', message: /timeout|signal/ });
    if (!timedOut) return;
    await t.throwsAsync(call({ timeout: '1' as never }), { code: 'ERR_INVALID_ARG_TYPE' });
    await t.throwsAsync(call({ timeout: -1 }), { code: 'ERR_OUT_OF_RANGE' });
  });

  closing(title, start);
  if (timedOut) timing(title, start, timedOut);
}

function closing(title: string, start: AsyncCall['start']): void {
  test(`${title}: rejects with ERR_SHM_CLOSED when its handle is closed before or meanwhile`, async (t) => {
    const { call, close } = start(t);
    if (!close) {
      t.pass('it has no handle');
      return;
    }
    const waiting = call();
    const ended = rejectsShm(t, waiting, 'ERR_SHM_CLOSED');
    await setImmediate();
    close();
    t.is((await ended).object?.name, 'name');
    t.is((await rejectsShm(t, call(), 'ERR_SHM_CLOSED')).object?.name, 'name');
  });
}

function timing(title: string, start: AsyncCall['start'], timedOut: NonNullable<AsyncCall['timedOut']>): void {
  const ends = async (t: ExecutionContext<unknown>, promise: Promise<unknown>) => {
    if ('code' in timedOut) await rejectsShm(t, promise, timedOut.code);
    else t.is(await promise, timedOut.value);
  };

  test(`${title}: ends after its timeout, and not before`, async (t) => {
    const { call } = start(t);
    const begin = now();
    await ends(t, call({ timeout: 0.1 }));
    t.true(now() - begin >= 0.0999);
    await ends(t, call({ timeout: 0 }));
  });

  test.serial(`${title}: ends after its timeout when clocks and timers are faked`, async (t) => {
    const { call } = start(t);
    const { Date: RealDate, setTimeout: realTimeout, setInterval: realInterval, setImmediate: realImmediate } = globalThis;
    const realNow = performance.now;
    const never = (() => 0) as never;
    Object.assign(globalThis, { setTimeout: never, setInterval: never, setImmediate: never });
    Object.assign(globalThis, { Date: Object.assign(function FrozenDate() {}, { now: () => 0 }) });
    performance.now = () => 0;
    try {
      await ends(t, call({ timeout: 0.05 }));
    } finally {
      Object.assign(globalThis, { Date: RealDate, setTimeout: realTimeout, setInterval: realInterval, setImmediate: realImmediate });
      performance.now = realNow;
    }
  });
}
