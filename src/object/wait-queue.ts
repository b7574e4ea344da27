// Waiting for what other processes give: promises, timeouts, abort signals.
import { checkBoolean, checkFinite, checkObject } from '../arguments/check.js';
import { abortError, outOfRange, ShmError, wrongType } from '../addon/errors.js';
import { FOREVER, KeepAlive, reapplyKeepAlive } from './keep-alive.js';
import { isSpinWorthwhile, spin, NOT_YET } from './spin.js';
import { native } from '../addon/native.js';
import type { WaitOptions } from './named-types.js';

/** One wait, from its start to its end. */
interface Pending {
  /** Keeps what is waited for from being collected. */
  readonly owner: object;
  /** What keeps the process meanwhile, if anything. */
  readonly keepAlive: KeepAlive | undefined;
  readonly end: (failed: boolean, value: unknown) => void;
}

/** By the addon's ticket. */
const pending = new Map<number, Pending>();
/** Tickets of those who wait for one object. */
const ticketsOf = new WeakMap<object, Set<number>>();
/** What is behind each object: the same for all handles on it. */
const segments = new WeakMap<object, string>();
/** How many wait for each segment in this thread, those apart who look. */
const waitedFor = new Map<string, number>();
/** Lets whoever looks for a segment stand in line. */
const spinning = new Map<string, () => void>();
/** What an abort of each signal gives up; one listener a signal, however many wait. */
const abortsOf = new WeakMap<AbortSignal, Set<() => void>>();

native.configureWaits(receive);

function receive(results: unknown[]): void {
  for (let index = 0; index < results.length; index += 3) {
    end(results[index] as number, results[index + 1] as boolean, results[index + 2]);
  }
}

/** Options of a wait, checked; the timeout in seconds. */
export function waitOptions<Options extends WaitOptions>(argument: unknown): Partial<Options> & { timeout: number } {
  const options = checkObject<Options>('options', argument);
  const { timeout, signal, ref } = options as Partial<WaitOptions>;
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw wrongType('options.signal', 'an AbortSignal', signal);
  checkBoolean('options.ref', ref);
  return { ...options, timeout: timeoutOf('options.timeout', timeout) };
}

/** Seconds of a timeout; none is FOREVER. */
export function timeoutOf(name: string, timeout: unknown): number {
  if (timeout === undefined) return FOREVER;
  const seconds = checkFinite(name, timeout);
  if (seconds < 0) throw outOfRange(name, '>= 0', timeout);
  return seconds;
}

/** Says what is behind an object that will be waited for. */
export function bindSegment(owner: object, segment: string): void {
  segments.set(owner, segment);
}

type Timed = WaitOptions & { timeout: number };

/** How what is waited for is had. */
export interface WaitSource {
  /** Gives it, or a number: the ticket under which it comes later. */
  readonly start: () => unknown;
  /** Gives it, or NOT_YET. Without it, nobody looks before the start. */
  readonly attempt?: () => unknown;
}

/**
 * Waits for an outcome; `undefined` stands for a timeout. Who comes first is first in line. If the wait is given up, what
 * it got goes back.
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
  const carefully = () => {
    try {
      return attempt();
    } catch (error) {
      leave(() => fail(error));
      return undefined;
    }
  };
  const stop = spin(carefully, (outcome) => spinning.has(segment) && leave(() => done(outcome)));
  const removeAbortListener = signal && listen(signal, () => leave(() => fail(abortError(signal))));
  spinning.set(segment, () => leave(() => done(NOT_YET)));
}

type Settle = (value: unknown) => void;

function enqueue(owner: object, options: Timed, start: () => unknown, resolve: Settle, reject: Settle): void {
  const started = start();
  if (typeof started !== 'number') resolve(started);
  else begin(started, pendingFor(owner, options, started, resolve, reject));
}

// A scope of its own: what a wait keeps, it keeps ten thousand times.
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
 * To be called when something was given to an object in this thread: whoever waits for it here must not miss it because the
 * process has nothing else to do and ends.
 */
export function notifyLocal(owner: object): void {
  // Most often nobody waits at all.
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

/** Calls `onAbort` when the signal aborts, unless what is returned was called before. */
export function listen(signal: AbortSignal, onAbort: () => void): () => void {
  const aborts = abortsOf.get(signal) ?? listenOnce(signal);
  aborts.add(onAbort);
  return () => aborts.delete(onAbort);
}

function listenOnce(signal: AbortSignal): Set<() => void> {
  const aborts = new Set<() => void>();
  abortsOf.set(signal, aborts);
  const abortAll = () => {
    for (const abort of aborts) abort();
  };
  signal.addEventListener('abort', abortAll, { once: true });
  return aborts;
}

/** Calls back when the wait of a ticket has ended, without keeping the process; the ticket. */
export function watch(owner: object, ticket: number, callback: (error: Error | undefined) => void): number {
  begin(ticket, { owner, keepAlive: undefined, end: (failed, value) => callback(failed ? (value as Error) : undefined) });
  return ticket;
}

/** Forgets what `watch` began. Harmless if it has ended. */
export function unwatch(ticket: number): void {
  const entry = pending.get(ticket);
  if (!entry) return;
  native.cancelWait(ticket);
  remove(ticket, entry);
}

/** Ends all waits for an object, which was closed. */
export function endWaitsFor(owner: object): void {
  for (const ticket of ticketsOf.get(owner) ?? []) {
    native.cancelWait(ticket);
    end(ticket, true, new ShmError('ERR_SHM_CLOSED', 'the handle was closed while this was waiting'));
  }
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
