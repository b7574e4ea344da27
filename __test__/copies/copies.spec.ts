// Several copies of the package's JavaScript in one thread: after a cleared module cache, in a test runner, in two bundles.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import test from 'ava';
import { SharedDict } from 'shmkit';
import { fixture, startChild } from '../support/child';
import { now, until } from '../support/clock';
import { ADDON, evaluateCopy, type Package, ROOT } from '../support/copies';
import { uniqueName } from '../support/dict';

const VARIABLE = 'NAPI_RS_NATIVE_LIBRARY_PATH';

/** Loads the package with another file of the addon, as an installation of its own would. */
function withOwnAddon(): Package {
  const folder = mkdtempSync(path.join(ROOT, 'build', 'own-addon-'));
  process.env[VARIABLE] = path.join(folder, 'addon.node');
  try {
    copyFileSync(ADDON, process.env[VARIABLE]);
    return evaluateCopy();
  } finally {
    delete process.env[VARIABLE];
    rmSync(folder, { recursive: true });
  }
}

const WAYS: ReadonlyArray<readonly [string, () => Package]> = [
  ['the same addon', () => evaluateCopy()],
  ['an addon that is loaded again', () => evaluateCopy({ reloadsAddon: true })],
  ['the addon of another installation', withOwnAddon],
];

for (const [title, evaluate] of WAYS) {
  test.serial(`copy: each one has its own handles, results, errors and waits over ${title}`, async (t) => {
    const [first, second] = [evaluate(), evaluate()];
    t.not(first.SharedDict, second.SharedDict);
    const users = first.SharedDict.create(uniqueName(), '1mb');
    const sessions = second.SharedDict.create(uniqueName(), '1mb');
    sessions.set('hits', 7, 60);
    users.set('ann', 'secret');
    t.deepEqual([users.getKeys(), sessions.getKeys()], [['ann'], ['hits']]);
    for (const [copy, dict, key, expiry] of [[first, users, 'ann', 0], [second, sessions, 'hits', 60]] as const) {
      t.is(Math.ceil(dict.ttl(key) as number), expiry);
      t.true((dict.getEntry(key)?.version ?? 0n) > 0n);
      const error: object = t.throws(() => dict.rpush(key, 'x'), { code: 'ERR_SHM_WRONG_TYPE' });
      t.is(error.constructor, copy.ShmError);
      const semaphore = copy.SharedSemaphore.create(uniqueName(), 0);
      const begun = now();
      t.false(await semaphore.acquire({ timeout: 0.05 }));
      t.true(now() - begun < 5);
      const acquired = semaphore.acquire({ timeout: 60 });
      await setImmediate();
      semaphore.release();
      t.true(await acquired);
      semaphore.close();
    }
    users.close();
    t.is(sessions.get('hits'), 7);
    sessions.close();
  });
}

test.serial('copy: is collected with all it holds, and adds at most one listener to the process', async (t) => {
  let living = 0;
  const registry = new FinalizationRegistry(() => (living -= 1));
  const names: string[] = [];
  const use = (): void => {
    const copy = evaluateCopy({ reloadsAddon: living % 2 === 0 });
    const dict = copy.SharedDict.create(uniqueName(), '64kb');
    names.push(dict.name);
    dict.set('object', { a: 1 });
    for (let round = 0; round < 3; round += 1) dict.get('object');
    t.throws(() => dict.rpush('object', 'x'));
    const semaphore = copy.SharedSemaphore.create(dict.name, 0);
    void semaphore.acquire({ timeout: 0.001 });
    living += 1;
    registry.register(copy.SharedDict, undefined);
  };
  use();
  const listeners = process.listenerCount('exit');
  for (let round = 0; round < 60; round += 1) {
    use();
    await setTimeout(2);
  }
  t.is(process.listenerCount('exit'), listeners);
  await until(() => {
    globalThis.gc?.();
    return living === 0;
  });
  const left = new Set(SharedDict.list().map(({ name }) => name));
  t.false(names.some((name) => left.has(name)), 'a collected copy left an owner');
});

test.serial('copy: a pending wait is settled when nothing else leads to its copy', async (t) => {
  const settled: unknown[] = [];
  const begin = (): void => {
    const semaphore = evaluateCopy().SharedSemaphore.create(uniqueName(), 0);
    void semaphore.acquire({ timeout: 0.1 }).then((got) => settled.push(got));
  };
  begin();
  await until(() => {
    globalThis.gc?.();
    return settled.length > 0;
  });
  t.deepEqual(settled, [false]);
});

test("copy: process.exit and a worker's end remove the names of owners of all copies", async (t) => {
  for (const how of ['exit', 'worker']) {
    const names = [uniqueName(), uniqueName()];
    const { status, stderr } = spawnSync(process.execPath, [fixture('two-copies'), how, ...names], { encoding: 'utf8' });
    t.is(status, 3, stderr);
    for (const name of names) t.throws(() => SharedDict.open(name), { code: 'ERR_SHM_NOT_FOUND' });
  }
});

test('copy: a worker has copies of its own', async (t) => {
  const name = uniqueName();
  const child = startChild(t, 'two-copies', ['values', name, `${name}-2`]);
  t.deepEqual(await child.next(), [['a'], ['b']]);
  t.is(await child.exited, 0);
});

test.serial('copy: a loader that waits for its own key through another copy rejects', async (t) => {
  const [first, second] = [evaluateCopy(), evaluateCopy({ reloadsAddon: true })];
  const name = uniqueName();
  const one = first.SharedDict.create(name, '1mb');
  const other = second.SharedDict.open(name);
  const code = 'ERR_SHM_DEADLOCK';
  const failure = async (load: Promise<unknown>) => ((await t.throwsAsync(load)) as { code?: string }).code;
  t.is(await failure(one.getOrSet('a', async () => other.getOrSet('a', () => 1))), code);
  t.is(await failure(one.getOrSet('a', () => other.getOrSet('b', () => one.getOrSet('c', () => other.getOrSet('a', () => 1))))), code);
  const crossed = await Promise.allSettled([
    one.getOrSet('x', async () => (await setTimeout(2), other.getOrSet('y', () => 1))),
    other.getOrSet('y', async () => (await setTimeout(2), one.getOrSet('x', () => 1))),
  ]);
  t.true(crossed.some(({ status }) => status === 'rejected'));
  for (const outcome of crossed) if (outcome.status === 'rejected') t.is((outcome.reason as { code: string }).code, code);
  t.deepEqual(await Promise.all([one.getOrSet('z', async () => (await setTimeout(2), 'loaded')), other.getOrSet('z', () => 'not called')]), ['loaded', 'loaded']);
  other.close();
  one.close();
});
