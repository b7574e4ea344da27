// Whether a pending wait keeps a process alive that has nothing else to do.
import test, { type ExecutionContext } from 'ava';
import { SharedLocks, SharedMutex, SharedRing, SharedSemaphore, tryLockFile } from 'shmkit';
import { startChild } from '../support/child';
import { makeFile } from '../support/file';
import { nameFor } from '../support/names';

/** An object that another process has to wait for, and the call that serves it. */
interface Wanted {
  readonly name: string;
  give(): void;
}

const kinds = ['semaphore', 'mutex', 'locks', 'receive', 'send', 'iterate', 'readable', 'writable', 'lockFile'] as const;
type Kind = (typeof kinds)[number];

function make(t: ExecutionContext, kind: Kind): Wanted {
  if (kind === 'semaphore') {
    const semaphore = SharedSemaphore.create(nameFor(t, SharedSemaphore), 0);
    return { name: semaphore.name, give: () => semaphore.release() };
  }
  if (kind === 'mutex') {
    const mutex = SharedMutex.create(nameFor(t, SharedMutex));
    const guard = mutex.lockSync();
    return { name: mutex.name, give: () => guard?.release() };
  }
  if (kind === 'locks') return makeLock(t);
  if (kind === 'lockFile') {
    const name = makeFile(t, 'x');
    const lock = tryLockFile(name);
    return { name, give: () => lock?.release() };
  }
  const ring = SharedRing.create(nameFor(t, SharedRing), 4096);
  if (kind !== 'send' && kind !== 'writable') return { name: ring.name, give: () => ring.trySend('x') };
  ring.trySend(Buffer.alloc(4088));
  return { name: ring.name, give: () => ring.tryReceive() };
}

function makeLock(t: ExecutionContext): Wanted {
  const locks = SharedLocks.create(nameFor(t, SharedLocks));
  const wanted = { name: locks.name, give() {} };
  const held = new Promise<void>((resolve) => {
    wanted.give = resolve;
  });
  void locks.request('a', { ifAvailable: true }, () => held);
  return { name: locks.name, give: () => wanted.give() };
}

/** Returns the exit code of a process that waits, and is served if `given`. */
async function exitOf(t: ExecutionContext, kind: Kind, options: object, how: string, given: boolean): Promise<unknown> {
  const wanted = make(t, kind);
  const child = startChild(t, 'pending-wait', [kind, wanted.name, JSON.stringify(options), how]);
  if (given) {
    await child.next();
    wanted.give();
  }
  const code = await child.exited;
  wanted.give();
  return code;
}

for (const kind of kinds) {
  test(`wait: a pending one does not keep the process: ${kind}`, async (t) => {
    t.is(await exitOf(t, kind, {}, '', false), 0);
  });

  if (kind === 'lockFile') continue;
  test(`wait: after ref() a pending one keeps the process, until unref(): ${kind}`, async (t) => {
    t.is(await exitOf(t, kind, {}, 'ref', true), 7);
    t.is(await exitOf(t, kind, {}, 'later', true), 7);
    t.is(await exitOf(t, kind, {}, 'ref, unref', false), 0);
  });
}

for (const kind of ['semaphore', 'mutex', 'locks', 'receive', 'send', 'lockFile'] as const) {
  test(`wait: one with the option ref keeps the process: ${kind}`, async (t) => {
    t.is(await exitOf(t, kind, { ref: true }, 'unref', true), 7);
  });

  if (kind === 'locks') continue;
  test(`wait: one with a timeout keeps the process until then, as timers do: ${kind}`, async (t) => {
    t.is(await exitOf(t, kind, { timeout: 0.05 }, '', false), 8);
    t.is(await exitOf(t, kind, { timeout: 60, ref: false }, 'ref', false), 0);
  });
}
