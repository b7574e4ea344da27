// Waiting for what other processes give: promises, timeouts, abort signals.
import { checkBoolean, checkFinite, checkObject } from './check.js';
import { abortError, outOfRange, ShmError, wrongType } from './errors.js';
import { native } from './native.js';
import type { WaitOptions } from './named-types.js';

/** No timeout, as the addon knows it. */
export const FOREVER = -1;

/** Whether a wait keeps the process from ending: as all of Node's own, so that what follows an `await` is reached. */
const HOLDS_BY_DEFAULT = true;

/** One wait, from its start to its end. */
interface Pending {
  /** Keeps what is waited for from being collected. */
  readonly owner: object;
  readonly holds: boolean;
  readonly end: (failed: boolean, value: unknown) => void;
}

/** By the addon's ticket. */
const pending = new Map<number, Pending>();
/** Tickets of those who wait for one object. */
const ticketsOf = new WeakMap<object, Set<number>>();
/** What an abort of each signal gives up; one listener a signal, however many wait. */
const abortsOf = new WeakMap<AbortSignal, Set<() => void>>();
let holders = 0;

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

/**
 * Waits for the outcome of `start`, which gives it, or a number: the ticket under which it comes later. `undefined`
 * stands for a timeout. If the wait is given up, what it got goes back.
 */
export function wait(owner: object, { signal, ref }: WaitOptions, start: () => unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) throw abortError(signal);
    const started = start();
    if (typeof started !== 'number') {
      resolve(started);
      return;
    }
    const onAbort = () => {
      native.cancelWait(started);
      end(started, true, abortError(signal as AbortSignal));
    };
    const deafen = signal && listen(signal, onAbort);
    begin(started, {
      owner,
      holds: ref ?? HOLDS_BY_DEFAULT,
      end(failed, value) {
        deafen?.();
        if (failed) reject(value);
        else resolve(value);
      },
    });
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
  begin(ticket, { owner, holds: false, end: (failed, value) => callback(failed ? (value as Error) : undefined) });
  return ticket;
}

/** Forgets what `watch` began. Harmless if it has ended. */
export function unwatch(ticket: number): void {
  const entry = pending.get(ticket);
  if (!entry) return;
  native.cancelWait(ticket);
  pending.delete(ticket);
  ticketsOf.get(entry.owner)?.delete(ticket);
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
  if (entry.holds) holdWaits();
  // Who held before the first wait had nothing to hold.
  else if (holders > 0 && pending.size === 1) native.holdWaits(true);
}

/** Keeps the process from ending by itself, until `letGoWaits`: for whoever stands behind somebody who waits. */
export function holdWaits(): void {
  holders += 1;
  if (holders === 1) native.holdWaits(true);
}

export function letGoWaits(): void {
  holders -= 1;
  if (holders === 0) native.holdWaits(false);
}

function end(ticket: number, failed: boolean, value: unknown): void {
  const entry = pending.get(ticket);
  if (!entry) return;
  pending.delete(ticket);
  ticketsOf.get(entry.owner)?.delete(ticket);
  if (entry.holds) letGoWaits();
  entry.end(failed, value);
}
