// Locks on byte ranges of files.
//
// Who waits asks again and again, in growing steps, from a timer: no thread waits in the kernel. A thread for each
// waiter would be the only way to be woken by the kernel, which tells nobody else when a range comes free. What is
// released in this thread is passed on at once.
import { closeSync, constants } from 'node:fs';
import { checkInteger, checkObject } from '../arguments/check.js';
import { abortError, aboutFile, ShmError, wrongType, wrongValue } from '../addon/errors.js';
import { type FileArgument, openOwn } from './file-argument.js';
import { FOREVER } from '../object/keep-alive.js';
import type { HandleId } from '../addon/native.js';
import { rangeLock } from './native.js';
import type { WaitOptions } from '../object/named-types.js';
import { timeoutOf, waitOptions } from '../object/wait-queue.js';

/** Options of `tryLockFile`, and of the calls that wait. */
export interface LockFileOptions {
  /** `'exclusive'` (default) excludes all other locks, `'shared'` only exclusive ones. */
  mode?: 'exclusive' | 'shared' | undefined;
  /** The first byte to lock. Default 0. */
  offset?: number | undefined;
  /** The number of bytes to lock. Default 0: to the end of the file, however long it grows. */
  length?: number | undefined;
}

/** Options of `lockFileSync`. */
export interface LockFileWaitOptions extends LockFileOptions {
  /** Seconds to wait, at least 0. Default: no limit. */
  timeout?: number | undefined;
}

/** Options of `lockFile`. */
export interface LockFileAsyncOptions extends LockFileOptions, WaitOptions {}

/** Milliseconds between two tries. */
const SHORTEST_PAUSE = 1;
const LONGEST_PAUSE = 20;
/** Each pause is so much longer than the one before. */
const GROWTH = 1.5;

/** Releases what nobody released and nobody can reach. */
const collected = new FinalizationRegistry<HandleId>((id) => {
  rangeLock.release(id);
  retryWaiters();
});

/** Who waits in this thread: called when something was released here. */
const waiting = new Set<() => void>();

/**
 * A held lock on a range of a file. It is released by `release`, when it is collected, when its thread ends, and when the
 * process dies.
 */
export class FileLock {
  #id: HandleId;
  /** The mode in which the range is locked. */
  readonly mode: 'exclusive' | 'shared';
  /** The first locked byte. */
  readonly offset: number;
  /** The number of locked bytes; 0: to the end of the file. */
  readonly length: number;

  /** Not for users: `lockFile` and its kin are. */
  constructor(id: HandleId, request: LockRequest) {
    if (typeof id !== 'number') throw wrongType('id', 'made by lockFile', id);
    this.#id = id;
    this.mode = request.exclusive ? 'exclusive' : 'shared';
    this.offset = request.offset;
    this.length = request.length;
    collected.register(this, id, this);
  }

  /** Whether `release` has been called. */
  get released(): boolean {
    return this.#id === 0;
  }

  /** Releases the lock. Idempotent. */
  release(): void {
    const id = this.#id;
    if (id === 0) return;
    this.#id = 0;
    collected.unregister(this);
    rangeLock.release(id);
    retryWaiters();
  }

  /** Alias of `release`. */
  declare close: () => void;
  /** Alias of `release`. */
  declare [Symbol.dispose]: () => void;
}

for (const alias of ['close', Symbol.dispose]) {
  Object.defineProperty(FileLock.prototype, alias, { value: FileLock.prototype.release, writable: true, configurable: true });
}
Object.defineProperty(FileLock.prototype, Symbol.toStringTag, { value: 'FileLock', configurable: true });

/** What to lock, checked. */
interface LockRequest {
  readonly exclusive: boolean;
  readonly offset: number;
  readonly length: number;
}

/**
 * Locks a range of an existing file (a path, a descriptor or a `FileHandle`) and returns the lock, or `null` if the
 * timeout passed. Does not block the event loop. The lock excludes other processes, other handles of this process, and
 * programs that lock bytes with `fcntl` or `lockf`.
 *
 * Rejects with an `AbortError` if the signal fires, and with system errors like Node's own calls: `EACCES` if the user
 * may not write the file (`'exclusive'`) or read it (`'shared'`).
 */
export async function lockFile(file: FileArgument, options?: LockFileAsyncOptions): Promise<FileLock | null> {
  const request = checkRequest(options);
  const { timeout, signal, ref } = waitOptions<LockFileAsyncOptions>(options);
  if (signal?.aborted) throw abortError(signal);
  const deadline = deadlineOf(timeout);
  const attempt = new Attempt(file, request);
  try {
    return attempt.lock() ?? (await retry(attempt, deadline, signal, ref ?? timeout !== FOREVER));
  } finally {
    attempt.end();
  }
}

/** Like `lockFile`, but does not wait: returns `null` if part of the range is locked elsewhere. */
export function tryLockFile(file: FileArgument, options?: LockFileOptions): FileLock | null {
  const attempt = new Attempt(file, checkRequest(options));
  try {
    return attempt.lock();
  } finally {
    attempt.end();
  }
}

/** Like `lockFile`, but blocks this thread, which therefore cannot release a range that it holds itself. */
export function lockFileSync(file: FileArgument, options?: LockFileWaitOptions): FileLock | null {
  const request = checkRequest(options);
  const deadline = deadlineOf(timeoutOf('options.timeout', options?.timeout));
  const attempt = new Attempt(file, request);
  try {
    for (let pause = SHORTEST_PAUSE; ; pause = Math.min(pause * GROWTH, LONGEST_PAUSE)) {
      const lock = attempt.lock();
      const left = deadline - performance.now();
      if (lock !== null || left <= 0) return lock;
      sleep(Math.min(pause, left));
    }
  } finally {
    attempt.end();
  }
}

/** An opening of the file that nobody else has, so that its locks are nobody else's. */
class Attempt {
  readonly #fd: number;
  readonly #path: string | undefined;
  readonly #request: LockRequest;

  constructor(file: unknown, request: LockRequest) {
    const { fd, path } = openOwn(file, request.exclusive ? constants.O_WRONLY : constants.O_RDONLY);
    this.#fd = fd;
    this.#path = path;
    this.#request = request;
  }

  lock(): FileLock | null {
    const { exclusive, offset, length } = this.#request;
    const id = aboutFile(this.#path, () => rangeLock.take(this.#fd, exclusive, offset, length));
    return id === 0 ? null : new FileLock(id, this.#request);
  }

  /** A lock that was taken has a descriptor of its own. */
  end(): void {
    closeSync(this.#fd);
  }
}

/** On the clock of `performance.now`. */
function deadlineOf(timeout: number): number {
  return timeout === FOREVER ? Infinity : performance.now() + timeout * 1000;
}

function retry(attempt: Attempt, deadline: number, signal: AbortSignal | undefined, ref: boolean): Promise<FileLock | null> {
  return new Promise((resolve, reject) => {
    let pause = SHORTEST_PAUSE;
    let timer: NodeJS.Timeout | undefined;
    const settle = (done: () => void): void => {
      clearTimeout(timer);
      waiting.delete(tryAgain);
      signal?.removeEventListener('abort', abort);
      done();
    };
    const abort = (): void => settle(() => reject(abortError(signal as AbortSignal)));
    const tryAgain = (): void => {
      try {
        const lock = attempt.lock();
        if (lock !== null || performance.now() >= deadline) settle(() => resolve(lock));
      } catch (error) {
        settle(() => reject(error as Error));
      }
    };
    const arm = (): void => {
      timer = setTimeout(() => {
        tryAgain();
        if (!waiting.has(tryAgain)) return;
        pause = Math.min(pause * GROWTH, LONGEST_PAUSE);
        arm();
      }, Math.min(pause, Math.max(deadline - performance.now(), 0)));
      if (!ref) timer.unref();
    };
    signal?.addEventListener('abort', abort, { once: true });
    waiting.add(tryAgain);
    arm();
  });
}

/** Lets everybody who waits in this thread try again, oldest first. */
function retryWaiters(): void {
  for (const tryAgain of waiting) tryAgain();
}

function checkRequest(argument: unknown): LockRequest {
  const { mode = 'exclusive', offset = 0, length = 0 } = checkObject<LockFileOptions>('options', argument);
  if (typeof mode !== 'string') throw wrongType('options.mode', 'of type string', mode);
  if (mode !== 'exclusive' && mode !== 'shared') throw wrongValue('options.mode', "must be 'exclusive' or 'shared'", mode);
  checkInteger('options.offset', offset, 0);
  return {
    exclusive: mode === 'exclusive',
    offset,
    length: checkInteger('options.length', length, 0, Number.MAX_SAFE_INTEGER - offset),
  };
}

let neverNotified: Int32Array | undefined;

/** Blocks the thread for some milliseconds. That of a web page, as in a preload script, has nothing to block on. */
function sleep(milliseconds: number): void {
  if (typeof SharedArrayBuffer === 'undefined') throw new ShmError('ERR_SHM_UNSUPPORTED', "a page's thread must not be blocked: use lockFile");
  neverNotified ??= new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(neverNotified, 0, 0, milliseconds);
}
