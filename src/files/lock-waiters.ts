// The waits for locked ranges in this thread.
//
// Waiters for one range of one file in one mode form a queue. Only the first one tries: where it fails, the others would
// fail too. A release in this thread lets only the queues of its file try whose ranges it overlaps. For what other threads
// and processes release, one timer for all queues lets each try again, at growing intervals.
import { abortError } from '../addon/errors.js';
import { clearTimeout, now, setTimeout } from '../addon/intrinsics.js';
import { haveCommonByte } from './held-ranges.js';
import { listen } from '../object/wait-queue.js';

/** Milliseconds between two attempts of a queue. */
const SHORTEST_PAUSE = 1;
const LONGEST_PAUSE = 20;
/** Each pause is longer than the one before by this factor. */
const GROWTH = 1.5;
/** Milliseconds that the longest pause has for each queue, so that many queues do not keep a processor busy. */
const PAUSE_PER_QUEUE = 0.1;
/** Milliseconds by which an attempt may be early, so that one timer serves several queues. */
const SLACK = 0.5;
/** The longest delay of a timer. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** What to lock, checked. */
export interface LockRequest {
  readonly exclusive: boolean;
  readonly offset: number;
  /** 0: to the end of the file. */
  readonly length: number;
}

/** How to wait. */
export interface LockWait<Lock> {
  /** Identifies the file. Two files may share an identity, but no file has two. */
  readonly file: string;
  readonly request: LockRequest;
  /** Milliseconds, or `Infinity`. */
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
  /** Whether the wait keeps the process alive. */
  readonly ref: boolean;
  /** Tries to lock the range. */
  readonly attempt: () => Lock | null;
}

/** Returns the pause before the next attempt; `previous` is 0 before the first one. */
export function nextPause(previous: number, longest: number = LONGEST_PAUSE): number {
  return Math.min(Math.max(previous * GROWTH, SHORTEST_PAUSE), longest);
}

/** The waiters for one range of one file in one mode, oldest first. */
class RangeQueue {
  /** Each returns whether its wait is over; with the number of its arrival. */
  readonly waiters = new Map<() => boolean, number>();
  readonly #request: LockRequest;
  #pause = 0;
  /** When to try next. */
  due = 0;

  constructor(request: LockRequest) {
    this.#request = request;
    this.postpone(now());
  }

  /** The number of the oldest waiter. */
  get oldest(): number {
    return this.waiters.values().next().value ?? Infinity;
  }

  overlaps(other: LockRequest): boolean {
    return haveCommonByte(this.#request, other);
  }

  /** Lets the waiters try, until one fails. */
  serve(): void {
    for (const tryAgain of this.waiters.keys()) {
      if (!tryAgain()) return;
      this.#pause = 0;
    }
  }

  /** Sets when to try next. Queues whose pause has grown to the longest one become due together. */
  postpone(time: number): void {
    const longest = Math.max(LONGEST_PAUSE, queueCount * PAUSE_PER_QUEUE);
    this.#pause = nextPause(this.#pause, longest);
    const due = time + this.#pause;
    this.due = this.#pause < longest ? due : Math.ceil(due / longest) * longest;
  }
}

/** All queues, by file, and by range and mode. */
const files = new Map<string, Map<string, RangeQueue>>();
let queueCount = 0;
let arrivals = 0;
/** How many waits keep the process alive. */
let refs = 0;
let timer: NodeJS.Timeout | undefined;
let timerDue = Infinity;

/** Waits for a range, and returns its lock, or `null` at the timeout. */
export function waitForLock<Lock>(wait: LockWait<Lock>): Promise<Lock | null> {
  const { signal, timeout, attempt } = wait;
  return new Promise((resolve, reject) => {
    const deadline = now() + timeout;
    const settle = (done: () => void): void => {
      leave();
      cancelDeadline();
      removeAbortListener?.();
      done();
    };
    const tryAgain = (): boolean => {
      try {
        const lock = attempt();
        if (lock === null && now() < deadline) return false;
        settle(() => resolve(lock));
      } catch (error) {
        settle(() => reject(error as Error));
      }
      return true;
    };
    const leave = enter(wait, tryAgain);
    const cancelDeadline = timeout === Infinity ? () => {} : callAt(deadline, wait.ref, tryAgain);
    const removeAbortListener = signal && listen(signal, () => settle(() => reject(abortError(signal))));
  });
}

/** Lets the waiters in this thread try, oldest first, whose ranges overlap one that was released. */
export function notifyReleased(file: string, request: LockRequest): void {
  const queues = files.get(file);
  if (queues === undefined) return;
  const overlapping = [...queues.values()].filter((queue) => queue.overlaps(request));
  // Not `toSorted`, which Node.js 18 lacks.
  overlapping.sort((one, other) => one.oldest - other.oldest); // oxlint-disable-line unicorn/no-array-sort
  for (const queue of overlapping) queue.serve();
}

/** Adds a waiter to its queue. Returns a function that removes it again. */
function enter({ file, request, ref }: LockWait<unknown>, tryAgain: () => boolean): () => void {
  const key = `${request.exclusive} ${request.offset} ${request.length}`;
  const queues = files.get(file) ?? new Map<string, RangeQueue>();
  const queue = queues.get(key) ?? new RangeQueue(request);
  if (queue.waiters.size === 0) queueCount += 1;
  files.set(file, queues.set(key, queue));
  queue.waiters.set(tryAgain, (arrivals += 1));
  if (ref) keepAlive(1);
  armFor(queue.due);
  return () => {
    queue.waiters.delete(tryAgain);
    if (ref) keepAlive(-1);
    if (queue.waiters.size > 0) return;
    queueCount -= 1;
    queues.delete(key);
    if (queues.size === 0) files.delete(file);
    if (files.size === 0) disarm();
  };
}

function keepAlive(change: number): void {
  refs += change;
  if (refs > 0) timer?.ref();
  else timer?.unref();
}

function armFor(due: number): void {
  if (due >= timerDue) return;
  disarm();
  timerDue = due;
  timer = setTimeout(serveDue, Math.max(due - now(), 0));
  if (refs === 0) timer.unref();
}

function disarm(): void {
  clearTimeout(timer);
  timer = undefined;
  timerDue = Infinity;
}

function serveDue(): void {
  disarm();
  const time = now();
  let next = Infinity;
  for (const queue of [...files.values()].flatMap((queues) => [...queues.values()])) {
    if (queue.due <= time + SLACK) {
      queue.serve();
      queue.postpone(time);
    }
    if (queue.waiters.size > 0) next = Math.min(next, queue.due);
  }
  armFor(next);
}

/** Calls `callback` at a time on the clock of `now`. Returns a function that cancels that. */
function callAt(time: number, ref: boolean, callback: () => void): () => void {
  let pending: NodeJS.Timeout;
  const arm = (): void => {
    pending = setTimeout(() => (now() < time ? arm() : callback()), Math.min(Math.max(Math.ceil(time - now()), 0), LONGEST_DELAY));
    if (!ref) pending.unref();
  };
  arm();
  return () => clearTimeout(pending);
}
