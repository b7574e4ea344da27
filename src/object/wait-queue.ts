// Waiting for other processes: promises, timeouts, abort signals.
import { checkBoolean, checkFinite } from '../arguments/check.js';
import { checkOptions, type OptionNames } from '../arguments/options.js';
import { checkSignal } from '../arguments/signal.js';
import { abortError, outOfRange, type ObjectName, ShmError } from '../addon/errors.js';
import { FOREVER, KeepAlive, reapplyKeepAlive } from './keep-alive.js';
import { isSpinWorthwhile, spin, NOT_YET } from './spin.js';
import { native, receiveResults } from '../addon/native.js';
import type { WaitOptions } from './named-types.js';

/** A pending wait. */
interface Pending {
  /** Keeps the awaited object from being collected. */
  readonly owner: object;
  /** Keeps the process alive meanwhile, if anything does. */
  readonly keepAlive: KeepAlive | undefined;
  readonly end: (failed: boolean, value: unknown) => void;
}

/** Pending waits, by the addon's tickets. */
const pending = new Map<number, Pending>();
/** The tickets of the waits on each object. */
const ticketsOf = new WeakMap<object, Set<number>>();
/** The segment of each object: the same for all its handles. */
const segments = new WeakMap<object, string>();
/** The number of waits on each segment in this thread, without spinning ones. */
const waitedFor = new Map<string, number>();
/** Moves the spinning waiter of a segment into the wait queue. */
const spinning = new Map<string, () => void>();
/** What to cancel when a signal aborts. One listener serves all waits with that signal. */
const abortsOf = new WeakMap<AbortSignal, Aborts>();

receiveResults(receive);

function receive(results: unknown[]): void {
  for (let index = 0; index < results.length; index += 3) {
    end(results[index] as number, results[index + 1] as boolean, results[index + 2]);
  }
}

/** The options of a wait. */
export const WAIT_NAMES: OptionNames<WaitOptions> = { timeout: true, signal: true, ref: true };

/** Checks the options of a wait, which have these names; the timeout is in seconds. */
export function waitOptions<Options extends WaitOptions>(argument: unknown, names: OptionNames<Options>): Partial<Options> & { timeout: number } {
  const options = checkOptions<Options>('options', argument, names);
  const { timeout, signal, ref } = options as Partial<WaitOptions>;
  checkSignal('options.signal', signal);
  checkBoolean('options.ref', ref);
  return { ...options, timeout: timeoutOf('options.timeout', timeout) };
}

/** Checks the options of a wait that blocks the thread, which an abort can only prevent; a number is the timeout. */
export function blockingOptions<Options extends WaitOptions>(argument: unknown, names: OptionNames<Options>): Partial<Options> & { timeout: number } {
  if (argument === undefined || typeof argument === 'number') {
    return { timeout: timeoutOf('timeout', argument) } as Partial<Options> & { timeout: number };
  }
  const options = waitOptions<Options>(argument, names);
  const { signal } = options as WaitOptions;
  if (signal?.aborted) throw abortError(signal);
  return options;
}

/** Checks a timeout in seconds; FOREVER if there is none. */
export function timeoutOf(name: string, timeout: unknown): number {
  if (timeout === undefined) return FOREVER;
  const seconds = checkFinite(name, timeout);
  if (seconds < 0) throw outOfRange(name, '>= 0', timeout);
  return seconds;
}

/** Records the segment of an object that can be waited for. */
export function bindSegment(owner: object, segment: string): void {
  segments.set(owner, segment);
}

type Timed = WaitOptions & { timeout: number };

/** How to acquire the awaited resource. */
export interface WaitSource {
  /** Returns it, or the ticket under which it will arrive, a number. */
  readonly start: () => unknown;
  /** Returns it, or NOT_YET. Without this function a wait neither tries nor spins before it starts. */
  readonly attempt?: () => unknown;
}

/**
 * Waits for a resource; `undefined` after the timeout. Waiters are served in order. A resource that arrives for a wait
 * that was given up is returned.
 */
export function wait(owner: object, options: Timed, { start, attempt }: WaitSource): Promise<unknown> {
  const { signal, timeout } = options;
  const segment = segments.get(owner) ?? '';
  return new Promise((resolve, reject) => {
    if (signal?.aborted) throw abortError(signal);
    spinning.get(segment)?.();
    const queue = () => enqueue(owner, options, start, resolve, reject);
    if (attempt && timeout !== 0 && !waitedFor.has(segment)) {
      const got = attempt();
      if (got !== NOT_YET) {
        resolve(got);
        return;
      }
      if (isSpinWorthwhile()) {
        spinFirst(segment, signal, attempt, (outcome) => (outcome === NOT_YET ? queue() : resolve(outcome)), reject);
        return;
      }
    }
    queue();
  });
}

function spinFirst(
  segment: string,
  signal: AbortSignal | undefined,
  attempt: () => unknown,
  done: Settle,
  fail: Settle,
): void {
  const leave = (act: () => void) => {
    stop();
    removeAbortListener?.();
    spinning.delete(segment);
    try {
      act();
    } catch (error) {
      fail(error);
    }
  };
  const attemptOrFail = () => {
    try {
      return attempt();
    } catch (error) {
      leave(() => fail(error));
      return undefined;
    }
  };
  const stop = spin(attemptOrFail, (outcome) => spinning.has(segment) && leave(() => done(outcome)));
  const removeAbortListener = signal && listen(signal, () => leave(() => fail(abortError(signal))));
  spinning.set(segment, () => leave(() => done(NOT_YET)));
}

type Settle = (value: unknown) => void;

function enqueue(owner: object, options: Timed, start: () => unknown, resolve: Settle, reject: Settle): void {
  const started = start();
  if (typeof started !== 'number') resolve(started);
  else begin(started, pendingFor(owner, options, started, resolve, reject));
}

// A scope of its own: there may be ten thousand waits, and each keeps only what it needs.
function pendingFor(owner: object, options: Timed, ticket: number, resolve: Settle, reject: Settle): Pending {
  const removeAbortListener = options.signal && cancelOnAbort(ticket, options.signal);
  return {
    owner,
    keepAlive: new KeepAlive(owner, options),
    end(failed, value) {
      removeAbortListener?.();
      if (failed) reject(value);
      else resolve(value);
    },
  };
}

function cancelOnAbort(ticket: number, signal: AbortSignal): () => void {
  return listen(signal, () => {
    native.cancelWait(ticket);
    end(ticket, true, abortError(signal));
  });
}

/**
 * Must be called after this thread has given something to an object: a waiter in this thread must receive it before the
 * process ends for lack of other work.
 */
export function notifyLocal(owner: object): void {
  // Usually there is no waiter at all.
  const segment = waitedFor.size === 0 ? undefined : segments.get(owner);
  if (segment === undefined || !waitedFor.has(segment)) return;
  if (confirming) notifiedMeanwhile = true;
  else confirm();
}

let confirming = false;
let notifiedMeanwhile = false;

function confirm(): void {
  const ticket = native.confirmWaits();
  if (ticket === 0) return;
  confirming = true;
  notifiedMeanwhile = false;
  const owner = {};
  begin(ticket, {
    owner,
    keepAlive: new KeepAlive(owner, { ref: true, timeout: FOREVER }),
    end() {
      confirming = false;
      if (notifiedMeanwhile) confirm();
    },
  });
}

/** Calls `onAbort` when the signal aborts. Returns a function that removes it again. */
export function listen(signal: AbortSignal, onAbort: () => void): () => void {
  const aborts = abortsOf.get(signal) ?? new Aborts(signal);
  abortsOf.set(signal, aborts);
  aborts.callbacks.add(onAbort);
  return () => {
    if (!aborts.callbacks.delete(onAbort) || aborts.callbacks.size > 0) return;
    // Otherwise a signal that lives on would keep this copy of the package alive.
    abortsOf.delete(signal);
    signal.removeEventListener('abort', aborts.listener);
  };
}

/** The one listener of a signal. */
class Aborts {
  readonly callbacks = new Set<() => void>();
  readonly listener = (): void => {
    for (const callback of this.callbacks) callback();
  };

  constructor(signal: AbortSignal) {
    signal.addEventListener('abort', this.listener, { once: true });
  }
}

/** Calls `callback` when the wait of a ticket has ended, without keeping the process alive. Returns the ticket. */
export function watch(owner: object, ticket: number, callback: (error: Error | undefined) => void): number {
  begin(ticket, { owner, keepAlive: undefined, end: (failed, value) => callback(failed ? (value as Error) : undefined) });
  return ticket;
}

/** Cancels what `watch` started. Harmless if it has ended. */
export function unwatch(ticket: number): void {
  const entry = pending.get(ticket);
  if (!entry) return;
  native.cancelWait(ticket);
  remove(ticket, entry);
}

/** Ends all waits on an object that was closed. */
export function endWaitsFor(owner: object, name: ObjectName): void {
  for (const ticket of ticketsOf.get(owner) ?? []) {
    native.cancelWait(ticket);
    end(ticket, true, closedDuringWait(name));
  }
}

/** Returns the error of a wait on an object that was closed before its result could be used. */
export function closedDuringWait(object: ObjectName): ShmError {
  return new ShmError('ERR_SHM_CLOSED', 'the handle was closed during the wait', { object });
}

function begin(ticket: number, entry: Pending): void {
  pending.set(ticket, entry);
  const tickets = ticketsOf.get(entry.owner) ?? new Set();
  ticketsOf.set(entry.owner, tickets.add(ticket));
  const segment = segments.get(entry.owner);
  if (segment !== undefined) waitedFor.set(segment, (waitedFor.get(segment) ?? 0) + 1);
  if (pending.size === 1) reapplyKeepAlive();
}

function remove(ticket: number, { owner }: Pending): void {
  pending.delete(ticket);
  ticketsOf.get(owner)?.delete(ticket);
  const segment = segments.get(owner);
  if (segment === undefined) return;
  const others = (waitedFor.get(segment) ?? 1) - 1;
  if (others > 0) waitedFor.set(segment, others);
  else waitedFor.delete(segment);
}

function end(ticket: number, failed: boolean, value: unknown): void {
  const entry = pending.get(ticket);
  if (!entry) return;
  remove(ticket, entry);
  entry.keepAlive?.end();
  entry.end(failed, value);
}
