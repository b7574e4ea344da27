// Locks on byte ranges of files.
//
// A waiter tries again and again from a timer, at growing intervals; no thread waits in the kernel. The kernel wakes only
// a thread that waits for the range, so each waiter would need a thread. A release in this thread is passed on at once.
import { closeSync, constants, fstatSync } from 'node:fs';
import { checkInteger } from '../arguments/check.js';
import { checkOptions, type OptionNames } from '../arguments/options.js';
import { abortError, aboutFile, ShmError, wrongType, wrongValue } from '../addon/errors.js';
import { Atomics, Int32Array, now, SharedArrayBuffer } from '../addon/intrinsics.js';
import { type FileArgument, openOwn } from './file-argument.js';
import { isHeldHere, noteHeld, noteReleased } from './held-ranges.js';
import { type LockRequest, nextPause, notifyReleased, waitForLock } from './lock-waiters.js';
import { FOREVER } from '../object/keep-alive.js';
import type { HandleId } from '../addon/native.js';
import { rangeLock } from './native.js';
import type { WaitOptions } from '../object/named-types.js';
import { blockingOptions, WAIT_NAMES, waitOptions } from '../object/wait-queue.js';
import { flags, showInspected } from '../object/inspect.js';
import { Uncloneable } from '../object/uncloneable.js';

/** Options of `tryLockFile`, and of the calls that wait. */
export interface LockFileOptions {
  /** `'exclusive'` (default) excludes all other locks, `'shared'` only exclusive ones. */
  mode?: 'exclusive' | 'shared' | undefined;
  /** The first byte to lock. Default 0. */
  offset?: number | undefined;
  /** The number of bytes to lock. Default 0: to the end of the file, however long it grows. */
  length?: number | undefined;
}

/** Options of `lockFile` and `lockFileSync`. */
export interface LockFileAsyncOptions extends LockFileOptions, WaitOptions {}

/** The same options under an earlier name. */
export type LockFileWaitOptions = LockFileAsyncOptions;

const LOCK_NAMES: OptionNames<LockFileOptions> = { mode: true, offset: true, length: true };
const ASYNC_NAMES: OptionNames<LockFileAsyncOptions> = { ...LOCK_NAMES, ...WAIT_NAMES };

/** Releases locks that were collected without `release`. */
const collected = new FinalizationRegistry<() => void>((unlock) => unlock());

/**
 * A held lock on a range of a file. It is released by `release`, when it is collected, when its thread ends, and when the
 * process dies.
 */
export class FileLock extends Uncloneable {
  #release: (() => void) | undefined;
  /** The mode in which the range is locked. */
  readonly mode: 'exclusive' | 'shared';
  /** The first locked byte. */
  readonly offset: number;
  /** The number of locked bytes; 0: to the end of the file. */
  readonly length: number;

  /** Internal: users call `lockFile`, `lockFileSync` and `tryLockFile`. */
  constructor(id: HandleId, file: string, request: LockRequest) {
    if (typeof id !== 'number') throw wrongType('id', 'made by lockFile', id);
    super();
    noteHeld(file, request);
    this.#release = () => release(id, file, request);
    this.mode = request.exclusive ? 'exclusive' : 'shared';
    this.offset = request.offset;
    this.length = request.length;
    collected.register(this, this.#release, this);
  }

  /** Whether `release` has been called. */
  get released(): boolean {
    return this.#release === undefined;
  }

  /** Releases the lock. Idempotent. */
  release(): void {
    const unlock = this.#release;
    if (unlock === undefined) return;
    this.#release = undefined;
    collected.unregister(this);
    unlock();
  }

  /** Alias of `release`. */
  declare close: () => void;
  /** Alias of `release`. */
  declare [Symbol.dispose]: () => void;
}

for (const alias of ['close', Symbol.dispose]) {
  Object.defineProperty(FileLock.prototype, alias, { value: FileLock.prototype.release, writable: true, configurable: true });
}
showInspected(FileLock.prototype, ({ mode, offset, length, released }) => ({ mode, offset, length, ...flags({ released }) }));
Object.defineProperty(FileLock.prototype, Symbol.toStringTag, { value: 'FileLock', configurable: true });

// Outside of the class: it must not keep the lock from being collected.
function release(id: HandleId, file: string, request: LockRequest): void {
  rangeLock.release(id);
  noteReleased(file, request);
  notifyReleased(file, request);
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
  const { timeout, signal, ref, ...range } = waitOptions(options, ASYNC_NAMES);
  const request = checkRequest(range);
  if (signal?.aborted) throw abortError(signal);
  const attempt = new Attempt(file, request);
  try {
    const milliseconds = timeout === FOREVER ? Infinity : timeout * 1000;
    return attempt.lock() ?? (await attempt.wait(milliseconds, signal, ref ?? timeout !== FOREVER));
  } finally {
    attempt.end();
  }
}

/** Like `lockFile`, but does not wait: returns `null` if part of the range is locked elsewhere. */
export function tryLockFile(file: FileArgument, options?: LockFileOptions): FileLock | null {
  const attempt = new Attempt(file, checkRequest(checkOptions('options', options, LOCK_NAMES)));
  try {
    return attempt.lock();
  } finally {
    attempt.end();
  }
}

/**
 * Like `lockFile`, but blocks this thread. A number stands for `{ timeout }`. Without a timeout, throws `ERR_SHM_DEADLOCK` if
 * this thread holds the range itself.
 */
export function lockFileSync(file: FileArgument, options?: LockFileAsyncOptions | number): FileLock | null {
  const { timeout, ...range } = blockingOptions(options, ASYNC_NAMES);
  const request = checkRequest(range);
  const deadline = timeout === FOREVER ? Infinity : now() + timeout * 1000;
  const attempt = new Attempt(file, request);
  try {
    for (let pause = nextPause(0); ; pause = nextPause(pause)) {
      const lock = attempt.lock();
      const left = deadline - now();
      if (lock !== null || left <= 0) return lock;
      if (left === Infinity && attempt.waitsForItself()) throw new ShmError('ERR_SHM_DEADLOCK', 'this thread has locked the range: waiting here would never end');
      sleep(Math.min(pause, left));
    }
  } finally {
    attempt.end();
  }
}

/** An opening of the file for one attempt, so that its locks belong to it alone. */
class Attempt {
  readonly #fd: number;
  readonly #path: string | undefined;
  readonly #request: LockRequest;
  readonly #file: string;

  constructor(file: unknown, request: LockRequest) {
    const { fd, path } = openOwn(file, request.exclusive ? constants.O_WRONLY : constants.O_RDONLY);
    this.#fd = fd;
    this.#path = path;
    this.#request = request;
    const { dev, ino } = fstatSync(fd);
    this.#file = `${dev} ${ino}`;
  }

  lock(): FileLock | null {
    const { exclusive, offset, length } = this.#request;
    const id = aboutFile(this.#path, () => rangeLock.take(this.#fd, exclusive, offset, length));
    return id === 0 ? null : new FileLock(id, this.#file, this.#request);
  }

  wait(timeout: number, signal: AbortSignal | undefined, ref: boolean): Promise<FileLock | null> {
    return waitForLock({ file: this.#file, request: this.#request, timeout, signal, ref, attempt: () => this.lock() });
  }

  /** Returns whether this thread holds what it would wait for. */
  waitsForItself(): boolean {
    return isHeldHere(this.#file, this.#request);
  }

  /** A lock that was acquired keeps a descriptor of its own. */
  end(): void {
    closeSync(this.#fd);
  }
}

function checkRequest({ mode = 'exclusive', offset = 0, length = 0 }: Partial<LockFileOptions>): LockRequest {
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

/** Blocks the thread. The thread of a web page, as in a preload script, has nothing to block on. */
function sleep(milliseconds: number): void {
  if (SharedArrayBuffer === undefined) throw new ShmError('ERR_SHM_UNSUPPORTED', "a web page's thread cannot be blocked: use lockFile");
  neverNotified ??= new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(neverNotified, 0, 0, milliseconds);
}
