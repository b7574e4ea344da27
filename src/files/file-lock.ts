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
import { type HandleId, native } from '../addon/native.js';
import type { WaitOptions } from '../object/named-types.js';
import { timeoutOf, waitOptions } from '../object/wait-queue.js';

export interface LockFileOptions {
  /** Alone, or beside others who hold it shared. Default `'exclusive'`. */
  mode?: 'exclusive' | 'shared' | undefined;
  /** The first byte. Default 0. */
  offset?: number | undefined;
  /** Bytes; 0, the default: all that follow, however long the file becomes. */
  length?: number | undefined;
}

/** Options of the calls that wait. */
export interface LockFileWaitOptions extends LockFileOptions {
  /** Seconds to wait at most; default: as long as it takes. */
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
  native.rangeLock.release(id);
  retryWaiters();
});

/** Who waits in this thread: called when something was released here. */
const waiting = new Set<() => void>();

/** A held range. Released by `release`, when it is collected, when its thread ends, and by the death of the process. */
export class FileLock {
  #id: HandleId;
  readonly mode: 'exclusive' | 'shared';
  readonly offset: number;
  /** 0: all that follow. */
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

  get released(): boolean {
    return this.#id === 0;
  }

  /** Idempotent. */
  release(): void {
    const id = this.#id;
    if (id === 0) return;
    this.#id = 0;
    collected.unregister(this);
    native.rangeLock.release(id);
    retryWaiters();
  }

  /** Alias of `release`. */
  declare close: () => void;
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
 * Locks a range of a file (a path, a descriptor or a `FileHandle`) against everybody else: other processes, other
 * handles of this one, and other programs that lock bytes with `fcntl` or `lockf`. Waits without holding up the event
 * loop; `null` after `timeout`. The file must exist. Rejects with `AbortError`, and with system errors as Node's own
 * calls do: `EACCES` if the file may not be written (`'exclusive'`) or read (`'shared'`).
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

/** As `lockFile`, without waiting: `null` if others hold a part of the range. */
export function tryLockFile(file: FileArgument, options?: LockFileOptions): FileLock | null {
  const attempt = new Attempt(file, checkRequest(options));
  try {
    return attempt.lock();
  } finally {
    attempt.end();
  }
}

/** As `lockFile`, blocking the thread. A range that this thread itself holds is never released meanwhile. */
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
    const id = aboutFile(this.#path, () => native.rangeLock.take(this.#fd, exclusive, offset, length));
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
