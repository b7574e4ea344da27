// The waiters at one end of a ring, in this thread and through one handle, in order. Only the first one tries, and one
// wait of the addon serves them all, so that messages keep the order in which they were sent.
import { abortError } from '../addon/errors.js';
import { AbortController, clearTimeout, now, setTimeout } from '../addon/intrinsics.js';
import { FOREVER, KeepAlive } from '../object/keep-alive.js';
import { NOT_YET } from '../object/spin.js';
import type { WaitOptions } from '../object/named-types.js';
import { listen, wait, type WaitSource } from '../object/wait-queue.js';

/** The longest delay of a timer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A source that can be tried before the wait starts. */
interface PollableSource extends Required<WaitSource> {
  /** Like `attempt`, but blocks this thread for at most this many seconds. */
  readonly block: (timeout: number) => unknown;
}

interface Waiter extends PollableSource {
  readonly settle: (outcome: unknown) => void;
  readonly fail: (error: unknown) => void;
}

type Options = WaitOptions & { timeout: number };

/** The waiters at one end. */
export class FifoQueue {
  readonly #owner: object;
  readonly #waiters = new Set<Waiter>();
  /** Aborts the addon's wait for the first waiter. */
  #waiting: AbortController | undefined;

  constructor(owner: object) {
    this.#owner = owner;
  }

  /** Returns whether there is no waiter. */
  get isEmpty(): boolean {
    return this.#waiters.size === 0;
  }

  /** Acquires the resource after all earlier waiters; `undefined` after the timeout. */
  async join(source: PollableSource, options: Options): Promise<unknown> {
    const { signal, timeout } = options;
    if (signal?.aborted) throw abortError(signal);
    if (this.isEmpty) {
      const outcome = source.attempt();
      if (outcome !== NOT_YET) return outcome;
    }
    return timeout === 0 ? undefined : this.#enqueue(source, options);
  }

  /** Serves waiters that something has become available for without a word of the addon. */
  notify(): void {
    if (!this.isEmpty) this.#restart();
  }

  /** Serves all waiters in order through `serve`, which blocks this thread. Returns false once that returns NOT_YET. */
  serveBlocking(serve: (source: PollableSource) => unknown): boolean {
    if (this.isEmpty) return true;
    this.#waiting?.abort();
    this.#waiting = undefined;
    for (let waiter = this.#first(); waiter; waiter = this.#first()) {
      try {
        const outcome = serve(waiter);
        if (outcome === NOT_YET) {
          this.#wait(waiter);
          return false;
        }
        waiter.settle(outcome);
      } catch (error) {
        waiter.fail(error);
      }
    }
    return true;
  }

  #enqueue(source: PollableSource, options: Options): Promise<unknown> {
    const { signal, timeout } = options;
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiters.delete(waiter);
        keepAlive.end();
        timer.stop();
        removeAbortListener?.();
      };
      const waiter: Waiter = {
        ...source,
        settle(outcome) {
          leave();
          resolve(outcome);
        },
        fail(error) {
          leave();
          reject(error);
        },
      };
      const giveUp = (end: () => void) => {
        const wasFirst = this.#first() === waiter;
        end();
        // The next one may need less.
        if (wasFirst) this.#restart();
      };
      const onAbort = () => giveUp(() => waiter.fail(abortError(signal as AbortSignal)));
      const keepAlive = new KeepAlive(this.#owner, options);
      const timer = new Timer(timeout, () => giveUp(() => waiter.settle(undefined)));
      const removeAbortListener = signal && listen(signal, onAbort);
      this.#waiters.add(waiter);
      if (this.#waiters.size === 1) this.#wait(waiter);
    });
  }

  #first(): Waiter | undefined {
    return this.#waiters.values().next().value;
  }

  #restart(): void {
    this.#waiting?.abort();
    this.#waiting = undefined;
    this.#serve();
  }

  /** Serves waiters from the front until one has to wait. */
  #serve(): void {
    for (let waiter = this.#first(); waiter; waiter = this.#first()) {
      try {
        const outcome = waiter.attempt();
        if (outcome === NOT_YET) {
          this.#wait(waiter);
          return;
        }
        waiter.settle(outcome);
      } catch (error) {
        waiter.fail(error);
      }
    }
  }

  #wait(waiter: Waiter): void {
    const { start } = waiter;
    // What fails one waiter, such as a buffer that was transferred away, concerns no other.
    const attempt = () => {
      try {
        const outcome = waiter.attempt();
        if (outcome !== NOT_YET) waiter.settle(outcome);
        return outcome;
      } catch (error) {
        waiter.fail(error);
        return undefined;
      }
    };
    const controller = new AbortController();
    this.#waiting = controller;
    const isOver = () => this.#waiting !== controller;
    wait(this.#owner, { signal: controller.signal, timeout: FOREVER, ref: false }, { start, attempt }).then(
      () => {
        if (isOver()) return;
        this.#waiting = undefined;
        this.#serve();
      },
      (error: unknown) => {
        if (isOver()) return;
        this.#waiting = undefined;
        waiter.fail(error);
        // If the handle was closed or the ring replaced, the others fail in their turn.
        this.#serve();
      },
    );
  }
}

/** Calls `end` once, at a deadline on the monotonic clock. It does not keep the process alive: the wait does that. */
class Timer {
  readonly #deadline: number;
  #timeout: NodeJS.Timeout | undefined;

  /** A negative number of seconds means no deadline. */
  constructor(seconds: number, end: () => void) {
    this.#deadline = now() + seconds * 1000;
    if (seconds >= 0) this.#set(end);
  }

  stop(): void {
    clearTimeout(this.#timeout);
  }

  #set(end: () => void): void {
    const left = Math.ceil(this.#deadline - now());
    const onTime = () => {
      if (now() >= this.#deadline) end();
      else this.#set(end);
    };
    this.#timeout = setTimeout(onTime, Math.min(Math.max(left, 1), LONGEST_TIMER_MS)).unref();
  }
}
