import { setTimeout as pause } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { SharedDict } from 'shmkit';
import { startChild } from '../support/child';
import { costOf } from '../support/cost';
import { makeDict, openAgain } from '../support/dict';

/** Starts a process that waits for the key, and returns what it tells in the end. */
async function waiterFor(t: ExecutionContext, dict: SharedDict, key: string, options: object = {}) {
  const child = startChild(t, 'wait-for', [dict.name]);
  await child.next();
  t.is(await child.ask([key, options]), 'waits');
  return { child, told: child.next<{ entry?: { value: unknown; version: bigint } | null; thrown?: string }>() };
}

/** Every change of a key, by name. */
const changes: Record<string, (dict: SharedDict) => unknown> = {
  set: (dict) => dict.set('a', 'new'),
  incr: (dict) => dict.incr('a', 1),
  delete: (dict) => dict.delete('a'),
  expire: (dict) => dict.expire('a', 100),
  swap: (dict) => dict.swap('a', 2),
  setMany: (dict) => dict.setMany([['a', 5]]),
  clear: (dict) => dict.clear(),
};

for (const [name, change] of Object.entries(changes)) {
  test(`waitFor in another process ends after ${name}`, async (t) => {
    const dict = makeDict(t);
    dict.set('a', 1);
    const { told } = await waiterFor(t, dict, 'a');
    change(dict);
    const { entry } = await told;
    t.is(entry?.version, dict.getEntry('a')?.version);
    t.is(entry?.value, dict.get('a'));
  });
}

test('waitFor of a missing key ends when it is set', async (t) => {
  const dict = makeDict(t);
  const waiting = dict.waitFor('a');
  dict.set('a', 'value');
  t.deepEqual(await waiting, dict.getEntry('a'));
});

test('waitFor ends after a write to a read-only handle of the same dictionary', async (t) => {
  const dict = makeDict(t);
  const waiting = openAgain(t, dict, { readOnly: true }).waitFor('a', { ref: true });
  dict.set('a', 1);
  t.is((await waiting)?.value, 1);
});

test('waitFor resolves at once when the version differs already', async (t) => {
  const dict = makeDict(t);
  dict.set('a', 1);
  const { version } = dict.getEntry('a') ?? { version: 0n };
  t.is((await dict.waitFor('a', { version: 0n }))?.version, version);
  t.is(await dict.waitFor('b', { version }), undefined);
  t.is(await dict.waitFor('a', { version, timeout: 0 }), null);
  t.is(await dict.waitFor('b', { timeout: 0 }), null);
});

test('waitFor resolves to null after its timeout, and to undefined when the entry expires', async (t) => {
  const dict = makeDict(t);
  dict.set('stays', 1);
  dict.set('goes', 1, 0.5);
  const { version } = dict.getEntry('goes') ?? { version: 0n };
  t.not(version, 0n);
  t.is(await dict.waitFor('goes', { version, timeout: 50 }), undefined);
  t.is(await dict.waitFor('stays', { timeout: 0.02 }), null);
});

test('waitFor is not ended by writes of other keys', async (t) => {
  const dict = makeDict(t, { size: '64kb' });
  dict.set('a', 1);
  const waiting = dict.waitFor('a', { ref: true });
  for (let round = 0; round < 20; round += 1) {
    dict.set(`other ${round}`, round);
    await pause(1);
  }
  t.is(await Promise.race([waiting, 'pending']), 'pending');
  dict.set('a', 2);
  t.is((await waiting)?.value, 2);
});

test('waitFor rejects when aborted, after close, and after the dictionary was replaced', async (t) => {
  const dict = makeDict(t);
  const controller = new AbortController();
  const aborted = dict.waitFor('a', { signal: controller.signal });
  controller.abort();
  await t.throwsAsync(aborted, { name: 'AbortError' });
  await t.throwsAsync(dict.waitFor('a', { signal: controller.signal }), { name: 'AbortError' });

  const { told } = await waiterFor(t, dict, 'a');
  SharedDict.create(dict.name, { size: '1mb', replace: true }).close();
  t.like(await told, { thrown: 'ERR_SHM_RETIRED' });

  const other = makeDict(t);
  const closed = other.waitFor('a');
  other.close();
  await t.throwsAsync(closed, { code: 'ERR_SHM_CLOSED' });
});

test('waitFor checks its arguments', async (t) => {
  const dict = makeDict(t);
  await t.throwsAsync(dict.waitFor(1 as never), { code: 'ERR_INVALID_ARG_TYPE' });
  await t.throwsAsync(dict.waitFor(''), { code: 'ERR_INVALID_ARG_VALUE' });
  await t.throwsAsync(dict.waitFor('a', { version: 1 as never }), { code: 'ERR_INVALID_ARG_TYPE' });
  await t.throwsAsync(dict.waitFor('a', { timeout: -1 }), { code: 'ERR_OUT_OF_RANGE' });
  await t.throwsAsync(dict.waitFor('a', { versions: 1n } as never), { code: 'ERR_INVALID_ARG_VALUE', message: /version/ });
});

test('a thousand waits of one thread end with the writes of their keys', async (t) => {
  const dict = makeDict(t, { size: '4mb' });
  const keys = Array.from({ length: 1000 }, (_, index) => `key ${index}`);
  const waiting = Promise.all(keys.map((key) => dict.waitFor(key, { ref: true })));
  for (const key of keys) dict.set(key, key);
  t.deepEqual((await waiting).map((entry) => entry?.value), keys);
});

test.serial('waitFor of a key without an expiry takes no processor time', async (t) => {
  const dict = makeDict(t);
  dict.set('a', 1);
  const before = performance.eventLoopUtilization();
  const cost = await costOf(async () => t.is(await dict.waitFor('a', { timeout: 0.5 }), null));
  const { utilization } = performance.eventLoopUtilization(before);
  // A busy thread would take the whole half second.
  t.true(cost < 250_000, `${cost} us`);
  // A busy event loop would never sleep, also where other processes leave it little of the processor's time.
  t.true(utilization < 0.5, `${utilization}`);
});
