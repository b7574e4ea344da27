// One load of a missing value: a lease of the engine keeps other processes from loading the same key, and the load is shared
// by all callers of this copy of the package.
import type { AsyncResource } from 'node:async_hooks';
import { abortError, ShmError } from '../addon/errors.js';
import { AbortController, clearTimeout, setImmediate, setTimeout } from '../addon/intrinsics.js';
import { FOREVER } from '../object/keep-alive.js';
import { listen, wait } from '../object/wait-queue.js';
import { callFrame } from './call-frame.js';
import type { DictHandle } from './handle.js';
import { currentNode, holderOf, makeNode, reaches, runLoader, waitFor } from './load-chain.js';
import { dict } from './native.js';
import { BYTES, PLAIN } from './value-kinds.js';
import { revive, storedOf, valueOf } from './values.js';

/** The longest delay of `setTimeout`; longer ones take several steps. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The checked arguments of a call. */
export interface Request {
  readonly handle: DictHandle;
  readonly loader: (key: string) => unknown;
  /** The asynchronous context of the caller, in which its loader runs. */
  readonly context: AsyncResource;
  /** Returns the expiry at the time of the call, as the addon takes it. */
  readonly ttl: () => number;
  readonly staleFor: number;
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onError: ((error: unknown, key: string) => unknown) | undefined;
}

/** What a load found or made: a value as it is stored, of which each caller gets its own, or one that all of them share. */
type Outcome = { readonly stored: unknown; readonly kind: number } | { readonly shared: unknown };

/** The loads in progress in this thread, by segment and key. */
const loads = new Map<string, Map<string, Load>>();

export function loadOf(handle: DictHandle, key: string): Load | undefined {
  return loads.get(handle.segment)?.get(key);
}

/** A load, or the wait for another process's load, shared by any number of callers. */
export class Load {
  readonly #key: string;
  readonly #first: Request;
  readonly #waiting = new Set<Request>();
  readonly #node = makeNode();
  /** Ends the wait for another holder. */
  #abandoned: AbortController | undefined;
  /** Settles when the load has ended. */
  readonly result: Promise<Outcome>;

  /** `lease` belongs to the first request's handle; 0 if it must still be acquired. */
  constructor(key: string, first: Request, lease: number) {
    this.#key = key;
    this.#first = first;
    const { segment } = first.handle;
    const ofSegment = loads.get(segment) ?? new Map<string, Load>();
    loads.set(segment, ofSegment.set(key, this));
    this.result = this.#run(lease);
    // Every caller gets the outcome through `wait`; if all have left, it is not needed.
    this.result.catch(() => undefined);
  }

  /** Returns the caller's own value, unless its timeout or signal comes first. */
  wait(request: Request): Promise<unknown> {
    const { handle, signal, timeoutMs } = request;
    const key = this.#key;
    const waiter = currentNode();
    if (waiter && [this.#node, holderOf(handle.segment, key)].some((load) => load !== undefined && reaches(load, waiter))) {
      return Promise.reject(deadlockError(handle, key));
    }
    const endWait = waiter && waitFor(waiter, this.#node);
    this.#waiting.add(request);
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(request);
        if (this.#waiting.size === 0) this.#abandoned?.abort();
        endWait?.();
        stopTimer?.();
        removeAbortListener?.();
        handle.closing.delete(close);
      };
      const fail = (error: unknown): void => {
        leave();
        reject(error);
      };
      const close = (): void => fail(closedError(handle, key));
      handle.closing.add(close);
      const stopTimer = timeoutMs === undefined ? undefined : startTimer(timeoutMs, () => fail(timeoutError(handle, key, timeoutMs)));
      const removeAbortListener = signal && listen(signal, () => fail(abortError(signal)));
      this.result.then((outcome) => {
        leave();
        resolve(ownValue(outcome, handle, key));
      }).catch(fail);
    });
  }

  async #run(acquired: number): Promise<Outcome> {
    try {
      // The first caller starts to wait after the constructor has returned.
      await undefined;
      if (acquired !== 0) return await this.#load(this.#first, acquired);
      for (;;) {
        const request = this.#requestToLoadWith();
        const lease = dict.leaseAcquire(request.handle.id, this.#key);
        if (lease !== 0) return await this.#load(request, lease);
        await this.#waitForHolder(request.handle);
        if (this.#waiting.size === 0) return { shared: undefined };
        const found = find(this.#requestToLoadWith().handle, this.#key);
        if (found !== undefined) return found;
      }
    } finally {
      this.#remove();
    }
  }

  /** Sleeps until another holder's load has ended, or until no caller waits any more. */
  async #waitForHolder(handle: DictHandle): Promise<void> {
    const abandoned = (this.#abandoned = new AbortController());
    // That of another copy of the package in this thread, which may wait for this load.
    const holder = holderOf(handle.segment, this.#key);
    if (holder !== undefined && reaches(holder, this.#node)) throw deadlockError(handle, this.#key);
    const endWait = holder && waitFor(this.#node, holder);
    try {
      await wait(handle, { timeout: FOREVER, ref: true, signal: abandoned.signal }, { start: () => dict.leaseWait(handle.id, this.#key) });
    } catch (error) {
      // The next turn finds another handle, or that this one is closed.
      if (!abandoned.signal.aborted && handle.id !== 0) throw error;
    } finally {
      this.#abandoned = undefined;
      endWait?.();
    }
  }

  async #load(request: Request, lease: number): Promise<Outcome> {
    const { handle, context, loader } = request;
    try {
      // The value may have been stored between the read and the lease.
      const found = find(handle, this.#key);
      if (found !== undefined) return found;
      const value = await context.runInAsyncScope(() => runLoader(this.#node, handle.segment, this.#key, () => loader(this.#key)));
      return value === undefined ? { shared: undefined } : this.#store(request, value, lease);
    } finally {
      dict.leaseRelease(handle.id, lease);
    }
  }

  /** Stores a loaded value. If that fails, the callers get the value all the same. */
  #store(request: Request, value: unknown, lease: number): Outcome {
    const { handle, ttl } = request;
    try {
      const { data, kind } = storedOf(value, handle.codec);
      // Closing the handle released the lease.
      if (handle.id !== 0) dict.leaseStore(handle.id, this.#key, data, kind, ttl(), lease);
      return { stored: data, kind };
    } catch (error) {
      for (const { onError } of new Set([request, ...this.#waiting])) tell(onError, error, this.#key);
      return { shared: value };
    }
  }

  /** Returns the request to load with: of those still waiting, one whose handle is open and can write. */
  #requestToLoadWith(): Request {
    for (const request of this.#waiting) {
      if (request.handle.id !== 0 && !request.handle.readOnly) return request;
    }
    return this.#first;
  }

  #remove(): void {
    const { segment } = this.#first.handle;
    const ofSegment = loads.get(segment);
    ofSegment?.delete(this.#key);
    if (ofSegment?.size === 0) loads.delete(segment);
  }
}

/** Calls a user's `onError`. What it throws is an uncaught exception: no caller waits for it. */
export function tell(onError: Request['onError'], error: unknown, key: string): void {
  try {
    onError?.(error, key);
  } catch (thrown) {
    setImmediate(() => {
      throw thrown;
    });
  }
}

function find(handle: DictHandle, key: string): Outcome | undefined {
  // Not a fast call: its callers decode the value later, when the memory of a fast call has been used again.
  const stored = dict.getEntry(handle.id, key);
  if (stored === undefined) return undefined;
  const isPlain = typeof stored !== 'object' || stored === null;
  return { stored, kind: isPlain ? PLAIN : callFrame.kind() };
}

function ownValue(outcome: Outcome, { codec }: DictHandle, key: string): unknown {
  if ('shared' in outcome) return outcome.shared;
  const { stored, kind } = outcome;
  if (kind === PLAIN) return valueOf(stored, codec, key);
  const copy = Buffer.from(stored as Uint8Array);
  return kind === BYTES ? copy : revive(copy, kind, codec, key);
}

function startTimer(delayMs: number, expired: () => void): () => void {
  let timer: NodeJS.Timeout;
  const arm = (left: number): void => {
    const step = Math.min(left, LONGEST_TIMER);
    timer = setTimeout(() => (left > step ? arm(left - step) : expired()), step);
  };
  arm(delayMs);
  return () => clearTimeout(timer);
}

function timeoutError({ object }: DictHandle, key: string, timeoutMs: number): ShmError {
  return new ShmError('ERR_SHM_TIMEOUT', `the key ${JSON.stringify(key)} was not loaded within ${timeoutMs / 1000} s`, { object, key });
}

function closedError({ object }: DictHandle, key: string): ShmError {
  return new ShmError('ERR_SHM_CLOSED', `the handle was closed while the key ${JSON.stringify(key)} was loaded`, { object, key });
}

function deadlockError({ object }: DictHandle, key: string): ShmError {
  return new ShmError('ERR_SHM_DEADLOCK', `the loader of the key ${JSON.stringify(key)} waits for itself`, { object, key });
}
