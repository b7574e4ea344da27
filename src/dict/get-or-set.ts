// Loads a missing value once: a lease of the engine keeps other processes from loading the same key, and a shared
// promise keeps the other callers of this thread from it.
import { checkFinite, checkFunction, checkKey, checkObject } from '../arguments/check.js';
import { abortError, outOfRange, ShmError } from '../addon/errors.js';
import { clearTimeout, setTimeout } from '../addon/intrinsics.js';
import { checkSignal } from '../arguments/signal.js';
import type { DictHandle } from './handle.js';
import { dict } from './native.js';
import { callFrame } from './call-frame.js';
import { get } from './fast-calls.js';
import { nanoseconds, NEVER } from '../arguments/ttl.js';
import type { GetOrSetOptions } from '../types.js';
import { dataOf, kindOf, valueOf } from './values.js';

/** Milliseconds between two reads of a key that another process is loading. */
const SHORTEST_PAUSE = 1;
const LONGEST_PAUSE = 50;
/** The longest delay of `setTimeout`; longer ones take several steps. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The checked arguments of a call. */
interface Request {
  readonly handle: DictHandle;
  readonly loader: (key: string) => unknown;
  readonly ttl: number;
  readonly staleFor: number;
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal | undefined;
}

/** The loads in progress in this thread, by segment and key. */
const flights = new Map<string, Map<string, Flight>>();

export async function getOrSet(handle: DictHandle, key: string, loader: unknown, options: unknown): Promise<unknown> {
  checkKey(key);
  const request = checkRequest(handle, loader, options);
  if (request.signal?.aborted) throw abortError(request.signal);
  const found = request.staleFor > 0 ? findStale(key, request) : find(handle, key);
  if (found !== undefined) return found;
  return (flightOf(handle, key) ?? new Flight(key, request, 0)).wait(request);
}

function checkRequest(handle: DictHandle, loader: unknown, argument: unknown): Request {
  checkFunction('loader', loader);
  const { ttl, staleFor, timeout, signal } = checkObject<GetOrSetOptions>('options', argument);
  checkSignal('options.signal', signal);
  if (timeout !== undefined && checkFinite('options.timeout', timeout) < 0) {
    throw outOfRange('options.timeout', '>= 0', timeout);
  }
  return {
    handle,
    loader: loader as Request['loader'],
    ttl: ttl === undefined ? NEVER : nanoseconds('options.ttl', ttl),
    staleFor: staleFor === undefined ? 0 : checkFinite('options.staleFor', staleFor),
    timeoutMs: timeout === undefined ? undefined : timeout * 1000,
    signal,
  };
}

function find(handle: DictHandle, key: string): unknown {
  return valueOf(get(handle.id, key), handle.codec, key);
}

// Returns an expired value for a while, and makes one process load the new one.
function findStale(key: string, request: Request): unknown {
  const { handle } = request;
  const returned = dict.getStale(handle.id, key);
  if (returned === undefined) return undefined;
  const seconds = callFrame.seconds();
  if (seconds < -request.staleFor) return undefined;
  const value = valueOf(returned, handle.codec, key);
  if (seconds < 0 && !flightOf(handle, key)) {
    const lease = dict.leaseAcquire(handle.id, key);
    if (lease !== 0) void new Flight(key, request, lease);
  }
  return value;
}

function flightOf(handle: DictHandle, key: string): Flight | undefined {
  return flights.get(handle.segment)?.get(key);
}

/** A load, or the wait for another process's load, shared by any number of callers. */
class Flight {
  readonly #key: string;
  readonly #first: Request;
  readonly #waiting = new Set<Request>();
  readonly #result: Promise<unknown>;

  /** `lease` belongs to the first request's handle; 0 if it must still be acquired. */
  constructor(key: string, first: Request, lease: number) {
    this.#key = key;
    this.#first = first;
    const { segment } = first.handle;
    const ofSegment = flights.get(segment) ?? new Map<string, Flight>();
    flights.set(segment, ofSegment.set(key, this));
    this.#result = this.#run(lease);
    // Every caller gets the outcome through `wait`; if all have left, it is not needed.
    this.#result.catch(() => undefined);
  }

  /** Returns the outcome, unless the caller's own timeout or signal comes first. */
  wait(request: Request): Promise<unknown> {
    const { signal, timeoutMs } = request;
    this.#waiting.add(request);
    return new Promise((resolve, reject) => {
      const stopTimer = timeoutMs === undefined ? undefined : startTimer(timeoutMs, () => fail(timeoutError(request.handle, this.#key, timeoutMs)));
      const onAbort = (): void => fail(abortError(signal as AbortSignal));
      const leave = (): void => {
        this.#waiting.delete(request);
        stopTimer?.();
        signal?.removeEventListener('abort', onAbort);
      };
      const fail = (error: unknown): void => {
        leave();
        reject(error);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#result.then((value) => {
        leave();
        resolve(value);
      }, fail);
    });
  }

  async #run(acquired: number): Promise<unknown> {
    try {
      // The first caller starts to wait after the constructor has returned.
      await undefined;
      if (acquired !== 0) return await this.#load(this.#first, acquired);
      for (let delay = SHORTEST_PAUSE; ; delay = Math.min(delay * 2, LONGEST_PAUSE)) {
        const request = this.#requestToLoadWith();
        const lease = dict.leaseAcquire(request.handle.id, this.#key);
        if (lease !== 0) return await this.#load(request, lease);
        await new Promise((resolve) => setTimeout(resolve, delay));
        if (this.#waiting.size === 0) return undefined;
        const value = find(this.#requestToLoadWith().handle, this.#key);
        if (value !== undefined) return value;
      }
    } finally {
      this.#remove();
    }
  }

  async #load({ handle, loader, ttl }: Request, lease: number): Promise<unknown> {
    try {
      // The value may have been stored between the read and the lease.
      const found = find(handle, this.#key);
      if (found !== undefined) return found;
      const value = await loader(this.#key);
      const kind = kindOf(value, handle.codec);
      const data = dataOf(value, kind, handle.codec);
      // Closing the handle released the lease. The callers get the value all the same.
      if (handle.id !== 0) dict.leaseStore(handle.id, this.#key, data, kind, ttl, lease);
      return value;
    } finally {
      dict.leaseRelease(handle.id, lease);
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
    const ofSegment = flights.get(segment);
    ofSegment?.delete(this.#key);
    if (ofSegment?.size === 0) flights.delete(segment);
  }
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
