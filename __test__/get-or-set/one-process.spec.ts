import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import { now, reach, until } from '../support/clock';
import { makeDict, openAgain } from '../support/dict';
import { rejectsShm } from '../support/throws';

/** Returns a promise, and the functions that settle it. */
function deferred<Value>() {
  let resolve!: (value: Value) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<Value>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

test('getOrSet loads a missing value, stores it and returns it', async (t) => {
  const dict = makeDict(t);
  let calls = 0;
  const loader = () => {
    calls += 1;
    return { loaded: calls };
  };
  const promise = dict.getOrSet('a', loader, { ttl: 50 });
  t.true(promise instanceof Promise);
  t.deepEqual(await promise, { loaded: 1 });
  t.deepEqual(dict.get('a'), { loaded: 1 });
  t.true((dict.ttl('a') as number) > 40);
  t.deepEqual(await dict.getOrSet('a', loader, { ttl: 50 }), { loaded: 1 });
  t.is(calls, 1);
});

test('getOrSet takes an asynchronous loader', async (t) => {
  const dict = makeDict(t);
  t.is(await dict.getOrSet('a', async () => 'loaded', { ttl: 50 }), 'loaded');
  t.is(dict.get('a'), 'loaded');
});

test('getOrSet returns a present value of every type without loading', async (t) => {
  const dict = makeDict(t);
  for (const value of [0, '', false, null, 0n, Buffer.alloc(0), {}]) {
    dict.set('a', value);
    t.deepEqual(await dict.getOrSet('a', () => t.fail() as never, { ttl: 50 }), value);
  }
});

test('getOrSet: concurrent callers share one loader and its result', async (t) => {
  const dict = makeDict(t);
  const gate = deferred<string>();
  let calls = 0;
  const loader = () => {
    calls += 1;
    return gate.promise;
  };
  const callers = Array.from({ length: 10 }, () => dict.getOrSet('a', loader, { ttl: 50 }));
  await setImmediate();
  gate.resolve('shared');
  t.deepEqual(await Promise.all(callers), Array.from({ length: 10 }, () => 'shared'));
  t.is(calls, 1);
});

test('getOrSet loads different keys at the same time', async (t) => {
  const dict = makeDict(t);
  const gates = new Map([
    ['a', deferred<string>()],
    ['b', deferred<string>()],
  ]);
  const first = dict.getOrSet('a', () => gates.get('a')?.promise as Promise<string>, { ttl: 50 });
  const second = dict.getOrSet('b', () => gates.get('b')?.promise as Promise<string>, { ttl: 50 });
  gates.get('b')?.resolve('B');
  t.is(await second, 'B');
  gates.get('a')?.resolve('A');
  t.is(await first, 'A');
});

test('getOrSet rejects every caller and stores nothing when the loader fails', async (t) => {
  const dict = makeDict(t);
  const thrown = new Error('mine');
  const failing = async () => {
    throw thrown;
  };
  const callers = [dict.getOrSet('a', failing, { ttl: 50 }), dict.getOrSet('a', failing, { ttl: 50 })];
  for (const caller of callers) t.is(await t.throwsAsync(caller), thrown);
  t.false(dict.has('a'));
  const sync = dict.getOrSet(
    'a',
    () => {
      throw thrown;
    },
    { ttl: 50 },
  );
  t.is(await t.throwsAsync(sync), thrown);
  t.is(await dict.getOrSet('a', () => 'works again', { ttl: 50 }), 'works again');
});

for (const [name, interfere, left] of [
  ['written', (dict: ReturnType<typeof makeDict>) => dict.set('a', 'by another'), 'by another'],
  ['written and deleted', (dict: ReturnType<typeof makeDict>) => (dict.set('a', 1), dict.delete('a')), undefined],
  ['cleared', (dict: ReturnType<typeof makeDict>) => dict.clear(), undefined],
] as const) {
  test(`getOrSet does not store when the key was ${name} meanwhile`, async (t) => {
    const dict = makeDict(t);
    const promise = dict.getOrSet(
      'a',
      async () => {
        interfere(dict);
        return 'loaded';
      },
      { ttl: 50 },
    );
    const value = await promise;
    t.true(value === 'loaded' || value === left, String(value));
    t.is(dict.get('a'), left);
  });
}

test('getOrSet does not store when the missing key was deleted meanwhile', async (t) => {
  const dict = makeDict(t);
  await dict.getOrSet(
    'a',
    async () => {
      dict.delete('a');
      return 'loaded';
    },
    { ttl: 50 },
  );
  t.is(dict.get('a'), undefined);
});

test('getOrSet stores without expiry when no ttl is given', async (t) => {
  const dict = makeDict(t);
  await dict.getOrSet('a', () => 1, {} as never);
  t.is(dict.ttl('a'), 0);
});

test('getOrSet rejects with ERR_SHM_TIMEOUT, and stores the value when it comes later', async (t) => {
  const dict = makeDict(t);
  const gate = deferred<string>();
  const error = await rejectsShm(t, dict.getOrSet('a', () => gate.promise, { ttl: 50, timeout: 0.02 }), 'ERR_SHM_TIMEOUT');
  t.truthy(error.message);
  gate.resolve('late');
  await until(() => dict.has('a'));
  t.is(dict.get('a'), 'late');
});

test('getOrSet rejects only the caller whose signal fires', async (t) => {
  const dict = makeDict(t);
  const gate = deferred<string>();
  const controller = new AbortController();
  const other = dict.getOrSet('a', () => gate.promise, { ttl: 50 });
  const aborted = dict.getOrSet('a', () => gate.promise, { ttl: 50, signal: controller.signal });
  controller.abort();
  const error = (await t.throwsAsync(aborted)) as Error;
  t.is(error.name, 'AbortError');
  gate.resolve('fine');
  t.is(await other, 'fine');
});

test('getOrSet rejects without loading when the signal has fired before', async (t) => {
  const dict = makeDict(t);
  const promise = dict.getOrSet('a', () => t.fail() as never, { ttl: 50, signal: AbortSignal.abort() });
  t.is(((await t.throwsAsync(promise)) as Error).name, 'AbortError');
});

test('getOrSet with staleFor returns the old value while a new one is loaded', async (t) => {
  const dict = makeDict(t);
  const options = { ttl: 50, staleFor: 50 };
  t.is(await dict.getOrSet('a', () => 'old', { ...options, ttl: 0.05 }), 'old');
  await reach(now() + 0.06);
  const gate = deferred<string>();
  let calls = 0;
  const loader = () => {
    calls += 1;
    return gate.promise;
  };
  t.is(await dict.getOrSet('a', loader, options), 'old');
  t.is(await dict.getOrSet('a', loader, options), 'old');
  t.is(calls, 1);
  gate.resolve('new');
  await until(() => dict.get('a') === 'new');
  t.is(calls, 1);
});

test('getOrSet with staleFor returns the old value through a read-only handle too', async (t) => {
  const dict = makeDict(t);
  const reader = openAgain(t, dict, { readOnly: true });
  dict.set('a', 'old', 0.001);
  while (dict.has('a'));
  t.is(await reader.getOrSet('a', () => t.fail('loaded'), { ttl: 1, staleFor: 60 }), 'old');
});

test('getOrSet with staleFor loads when the value is older than that', async (t) => {
  const dict = makeDict(t);
  const options = { ttl: 0.01, staleFor: 0.01 };
  await dict.getOrSet('a', () => 'old', options);
  await reach(now() + 0.04);
  t.is(await dict.getOrSet('a', () => 'new', options), 'new');
});

test('getOrSet without staleFor loads an expired value again', async (t) => {
  const dict = makeDict(t);
  await dict.getOrSet('a', () => 'old', { ttl: 0.01 });
  await reach(now() + 0.02);
  t.is(await dict.getOrSet('a', () => 'new', { ttl: 50 }), 'new');
});

test('getOrSet rejects when an argument is wrong', async (t) => {
  const dict = makeDict(t);
  for (const call of [
    async () => dict.getOrSet('a', undefined as never, { ttl: 1 }),
    async () => dict.getOrSet('a', 'x' as never, { ttl: 1 }),
    async () => dict.getOrSet('a', () => 1, { ttl: 'x' } as never),
    async () => dict.getOrSet('a', () => 1, { ttl: 1, timeout: Number.NaN }),
    async () => dict.getOrSet('a', () => 1, { ttl: 1, staleFor: '1' } as never),
    async () => dict.getOrSet('a', () => 1, { ttl: 1, signal: {} } as never),
  ]) {
    const error = (await t.throwsAsync(call)) as Error & { code: string };
    t.regex(error.code, /^ERR_(INVALID_ARG_(TYPE|VALUE)|OUT_OF_RANGE)$/, call.toString());
  }
  t.false(dict.has('a'));
});

test('getOrSet rejects when the handle is closed meanwhile; callers of other handles go on', async (t) => {
  const dict = makeDict(t);
  const other = openAgain(t, dict);
  const gate = deferred<string>();
  const promise = dict.getOrSet('a', () => gate.promise, { ttl: 50 });
  const shared = other.getOrSet('a', () => 'not called', { ttl: 50 });
  await setImmediate();
  dict.close();
  const { object, key } = await rejectsShm(t, promise, 'ERR_SHM_CLOSED');
  t.deepEqual([object?.name, key], [dict.name, 'a']);
  gate.resolve('late');
  t.is(await shared, 'late');
});
