// The asynchronous calls of the package, as rows of one table: what every call promises is tested once, for all of them.
import fs from 'node:fs';
import type { ExecutionContext } from 'ava';
import {
  lockFile,
  type MutexGuard,
  type ShmErrorCode,
  SharedDict,
  SharedLocks,
  SharedMutex,
  SharedQueue,
  SharedRing,
  SharedSemaphore,
  tryLockFile,
} from 'shmkit';
import { makeDir } from '../support/dict';

/** The options that all calls have. */
export interface CallOptions {
  timeout?: number;
  signal?: AbortSignal;
}

/** An object on which calls wait until they are served. */
export interface Subject {
  /** Makes the call; it cannot be served yet. Whatever it gets, it gives back when it is served. */
  readonly call: (options?: CallOptions) => Promise<unknown>;
  /** Makes what the oldest pending call waits for available, through another handle. */
  readonly serve: () => void;
  /** Closes the handle of the calls. */
  readonly close?: () => void;
}

/** A row. */
export interface AsyncCall {
  readonly title: string;
  readonly start: (t: ExecutionContext<unknown>) => Subject;
  /** What a call resolves to after its timeout, or the code with which it rejects; absent if it has no timeout. */
  readonly timedOut?: { readonly value: unknown } | { readonly code: ShmErrorCode };
  /** What a served call resolves to. */
  readonly served: unknown;
}

type Test = ExecutionContext<unknown>;

/** Returns two handles of one new object, closed when the test ends. */
function pair<Shared extends { close: () => void }>(t: Test, open: (dir: string) => Shared): [Shared, Shared] {
  const dir = makeDir(t);
  const handles: [Shared, Shared] = [open(dir), open(dir)];
  t.teardown(() => handles.forEach((handle) => handle.close()));
  return handles;
}

const acquire: AsyncCall = {
  title: 'acquire',
  timedOut: { value: false },
  served: true,
  start(t) {
    const [mine, other] = pair(t, (dir) => SharedSemaphore.openOrCreate('name', 0, { dir }));
    return { call: (options) => mine.acquire(options), serve: () => void other.release(), close: () => mine.close() };
  },
};

const lock: AsyncCall = {
  title: 'lock',
  timedOut: { value: null },
  served: 'locked',
  start(t) {
    const [mine, other] = pair(t, (dir) => SharedMutex.openOrCreate('name', { dir }));
    const guard = other.tryLock() as MutexGuard;
    const call = async (options?: CallOptions) => {
      const got = await mine.lock(options);
      got?.release();
      return got && 'locked';
    };
    return { call, serve: () => guard.release(), close: () => mine.close() };
  },
};

const receive: AsyncCall = {
  title: 'receive',
  timedOut: { value: null },
  served: 'message',
  start(t) {
    const [mine, other] = pair(t, (dir) => SharedRing.openOrCreate('name', { size: 4096, dir }));
    return {
      call: async (options) => (await mine.receive(options))?.toString() ?? null,
      serve: () => t.true(other.trySend('message')),
      close: () => mine.close(),
    };
  },
};

const send: AsyncCall = {
  title: 'send',
  timedOut: { value: false },
  served: true,
  start(t) {
    const [mine, other] = pair(t, (dir) => SharedRing.openOrCreate('name', { size: 4096, dir }));
    const message = Buffer.alloc(1500);
    while (other.trySend(message));
    return { call: (options) => mine.send(message, options), serve: () => t.truthy(other.tryReceive()), close: () => mine.close() };
  },
};

const request: AsyncCall = {
  title: 'request',
  served: 'granted',
  start(t) {
    const [mine, other] = pair(t, (dir) => SharedLocks.openOrCreate('name', { dir }));
    let release!: () => void;
    void other.request('a', () => new Promise<void>((resolve) => (release = resolve))).catch(() => {});
    return {
      call: (options) => mine.request('a', { ...options }, () => 'granted'),
      serve: () => release(),
      close: () => mine.close(),
    };
  },
};

const lockFileCall: AsyncCall = {
  title: 'lockFile',
  timedOut: { value: null },
  served: 'locked',
  start(t) {
    const file = `${makeDir(t)}/file`;
    fs.writeFileSync(file, 'text');
    const held = tryLockFile(file);
    t.teardown(() => held?.release());
    const call = async (options?: CallOptions) => {
      const got = await lockFile(file, options);
      got?.release();
      return got && 'locked';
    };
    return { call, serve: () => held?.release() };
  },
};

const getOrSet: AsyncCall = {
  title: 'getOrSet',
  timedOut: { code: 'ERR_SHM_TIMEOUT' },
  served: 'loaded',
  start(t) {
    const [mine, other] = pair(t, (dir) => SharedDict.openOrCreate('name', { size: '64kb', dir }));
    let load!: (value: string) => void;
    const loaded = new Promise<string>((resolve) => (load = resolve));
    void other.getOrSet('key', () => loaded).catch(() => {});
    return {
      call: (options) => mine.getOrSet('key', () => loaded, { ...options }),
      serve: () => load('loaded'),
      close: () => mine.close(),
    };
  },
};

const waitFor: AsyncCall = {
  title: 'waitFor',
  timedOut: { value: null },
  served: 'changed',
  start(t) {
    const [mine, other] = pair(t, (dir) => SharedDict.openOrCreate('name', { size: '64kb', dir }));
    return {
      call: async (options) => ((await mine.waitFor('key', { version: 0n, ...options })) as { value: unknown } | null)?.value ?? null,
      serve: () => void other.set('key', 'changed'),
      close: () => mine.close(),
    };
  },
};

const claim: AsyncCall = {
  title: 'claim',
  timedOut: { value: null },
  served: 'job',
  start(t) {
    const [mine, other] = pair(t, (dir) => SharedQueue.openOrCreate('name', { size: 65_536, dir }));
    const call = async (options?: CallOptions) => {
      const job = await mine.claim(options);
      job?.done();
      return job?.value ?? null;
    };
    return { call, serve: () => void other.push('job'), close: () => mine.close() };
  },
};

/** The table. A new asynchronous call of the package adds a row. */
export const CALLS: readonly AsyncCall[] = [acquire, lock, receive, send, request, lockFileCall, getOrSet, waitFor, claim];
