import { once } from 'node:events';
import fs from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import { lockFile, lockFileSync, mapFile, tryLockFile } from 'shmkit';
import { now, until } from '../support/clock';
import { fixture, startChild } from '../support/child';
import { makeFile } from '../support/file';
import { throwsArgType, throwsArgument, throwsArgValue, throwsShm } from '../support/throws';

/** Returns how many descriptors of the file this process has. */
function descriptorsOf(file: string): number {
  const links = fs.readdirSync('/proc/self/fd').map((fd) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return '';
    }
  });
  return links.filter((link) => link === file).length;
}

test('tryLockFile excludes other handles of the same process until release', (t) => {
  const file = makeFile(t, 'x');
  const lock = tryLockFile(file);
  t.truthy(lock);
  t.is(tryLockFile(file), null);
  t.is(tryLockFile(file, { mode: 'shared' }), null);
  t.false(lock?.released);
  lock?.release();
  lock?.release();
  t.true(lock?.released);
  const next = tryLockFile(file);
  t.truthy(next);
  next?.[Symbol.dispose]();
  t.is(descriptorsOf(file), 0);
});

test('tryLockFile: shared locks go together and exclude an exclusive one', (t) => {
  const file = makeFile(t, 'x');
  const locks = [tryLockFile(file, { mode: 'shared' }), tryLockFile(file, { mode: 'shared' })];
  t.true(locks.every((lock) => lock?.mode === 'shared'));
  t.is(tryLockFile(file, { mode: 'exclusive' }), null);
  for (const lock of locks) lock?.close();
  t.truthy(tryLockFile(file, { mode: 'exclusive' }));
});

test('tryLockFile: ranges exclude each other only where they meet; length 0 has no end', (t) => {
  const file = makeFile(t, 'x');
  const first = tryLockFile(file, { offset: 0, length: 10 });
  const second = tryLockFile(file, { offset: 10, length: 10 });
  t.truthy(first);
  t.truthy(second);
  t.is(tryLockFile(file, { offset: 9, length: 2 }), null);
  t.is(tryLockFile(file), null);
  const rest = tryLockFile(file, { offset: 20 });
  t.like(rest, { offset: 20, length: 0, mode: 'exclusive' });
  t.is(tryLockFile(file, { offset: 2 ** 52, length: 1 }), null);
  for (const lock of [first, second, rest]) lock?.release();
});

test('tryLockFile takes a descriptor or FileHandle, and the lock does not depend on it', async (t) => {
  const file = makeFile(t, 'x');
  const fd = fs.openSync(file, 'r');
  const handle = await fs.promises.open(file, 'r+');
  const lock = tryLockFile(fd);
  t.truthy(lock);
  t.is(tryLockFile(fd), null);
  t.is(tryLockFile(handle), null);
  // A POSIX record lock would be lost when any descriptor of the file is closed.
  fs.closeSync(fd);
  fs.closeSync(fs.openSync(file, 'r'));
  t.is(tryLockFile(handle), null);
  lock?.release();
  t.truthy(tryLockFile(handle));
  await handle.close();
});

test('lockFile waits for the release without blocking the event loop', async (t) => {
  const file = makeFile(t, 'x');
  const lock = tryLockFile(file);
  let turns = 0;
  const waiting = lockFile(file);
  while (turns < 100) {
    await setImmediate();
    turns += 1;
  }
  lock?.release();
  const next = await waiting;
  t.truthy(next);
  next?.release();
});

test('lockFile: a hundred waiters in one thread get the lock one after the other', async (t) => {
  const file = makeFile(t, 'x');
  let inside = 0;
  const turn = async (): Promise<void> => {
    const lock = await lockFile(file);
    inside += 1;
    t.is(inside, 1);
    await setImmediate();
    inside -= 1;
    lock?.release();
  };
  await Promise.all(Array.from({ length: 100 }, turn));
  t.is(descriptorsOf(file), 0);
});

test('lockFileSync throws when this thread holds the range, and would wait for itself', (t) => {
  const file = makeFile(t, 'text');
  const lock = tryLockFile(file, { length: 2 });
  throwsShm(t, () => lockFileSync(file, { offset: 1 }), 'ERR_SHM_DEADLOCK');
  lockFileSync(file, { offset: 2 })?.release();
  lock?.release();
  const shared = tryLockFile(file, { mode: 'shared' });
  lockFileSync(file, { mode: 'shared' })?.release();
  throwsShm(t, () => lockFileSync(file), 'ERR_SHM_DEADLOCK');
  shared?.release();
  lockFileSync(file)?.release();
});

test('lockFile returns null at its timeout and rejects when its signal fires', async (t) => {
  const file = makeFile(t, 'x');
  const lock = tryLockFile(file);
  const start = now();
  t.is(await lockFile(file, { timeout: 0.1 }), null);
  t.is(lockFileSync(file, { timeout: 0.1 }), null);
  t.true(now() - start >= 0.199);
  t.is(await lockFile(file, { timeout: 0 }), null);
  t.is(lockFileSync(file, { timeout: 0 }), null);
  const abort = new AbortController();
  const waiting = lockFile(file, { signal: abort.signal });
  abort.abort(new Error('why'));
  t.like(await t.throwsAsync(waiting, { name: 'AbortError' }), { code: 'ABORT_ERR', cause: { message: 'why' } });
  await t.throwsAsync(lockFile(file, { signal: AbortSignal.abort() }), { name: 'AbortError' });
  lock?.release();
  await t.throwsAsync(lockFile(file, { signal: AbortSignal.abort() }), { name: 'AbortError' });
  t.is(descriptorsOf(file), 0);
});

test('lockFile excludes another process until release', async (t) => {
  const file = makeFile(t, 'x');
  const lock = tryLockFile(file);
  const other = startChild(t, 'hold-file-lock', [file, '{"timeout":0}']);
  t.is(await other.next(), 'timeout');
  const waiter = startChild(t, 'hold-file-lock', [file]);
  const message = waiter.next();
  lock?.release();
  t.is(await message, 'locked');
  t.is(tryLockFile(file), null);
  await waiter.ask('release');
  t.truthy(tryLockFile(file));
});

test('lockFile: a killed holder frees the lock', async (t) => {
  const file = makeFile(t, 'x');
  const child = startChild(t, 'hold-file-lock', [file]);
  t.is(await child.next(), 'locked');
  t.is(tryLockFile(file), null);
  const blocked = lockFile(file, { timeout: 30 });
  await child.kill('SIGKILL');
  const lock = await blocked;
  t.truthy(lock);
  lock?.release();
});

test('tryLockFile: the lock is released when it was collected, or its worker thread ends', async (t) => {
  const file = makeFile(t, 'x');
  (() => t.truthy(tryLockFile(file)))();
  await until(() => {
    globalThis.gc?.();
    return descriptorsOf(file) === 0;
  });
  const worker = new Worker(fixture('file-lock-worker'), { argv: [file] });
  await once(worker, 'message');
  t.is(tryLockFile(file), null);
  await worker.terminate();
  t.truthy(lockFileSync(file, { timeout: 30 }));
});

test('tryLockFile: closing a map of the file leaves its locks', (t) => {
  const file = makeFile(t, 'x');
  const map = mapFile(file);
  const lock = tryLockFile(file);
  map.close();
  t.is(tryLockFile(file), null);
  lock?.release();
});

test('lockFile, lockFileSync and tryLockFile refuse wrong arguments', async (t) => {
  const file = makeFile(t, 'x');
  for (const options of [1, { mode: 1 }, { offset: '0' }, { length: null }]) {
    throwsArgType(t, () => tryLockFile(file, options as never), JSON.stringify(options));
    if (typeof options === 'object') throwsArgType(t, () => lockFileSync(file, options as never), JSON.stringify(options));
    await t.throwsAsync(lockFile(file, options as never), { instanceOf: TypeError });
  }
  for (const options of [{ mode: 'both' }, { offset: -1 }, { length: 0.5 }, { offset: 2 ** 53 - 1, length: 1 }]) {
    throwsArgValue(t, () => tryLockFile(file, options as never), JSON.stringify(options));
  }
  for (const timeout of [-1, NaN, Infinity, '1']) throwsArgument(t, () => lockFileSync(file, { timeout: timeout as never }));
  await t.throwsAsync(lockFile(file, { signal: {} as never }), { instanceOf: TypeError });
  throwsArgType(t, () => tryLockFile(undefined as never));
  throwsArgType(t, () => Reflect.construct(tryLockFile(file)?.constructor as never, []));
});
