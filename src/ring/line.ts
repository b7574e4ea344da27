// Those who wait at one end of a ring, in this thread and through one handle: first come, first served. Only the first
// tries, and one wait of the addon stands for all of them, so that messages keep the order in which they were sent.
import { clearTimeout, setTimeout } from 'node:timers';
import { abortError } from '../addon/errors.js';
import { FOREVER, Hold } from '../object/holds.js';
import { NOT_YET } from '../object/looks.js';
import type { WaitOptions } from '../object/named-types.js';
import { listen, wait } from '../object/waits.js';

/** Longest time of a timer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What somebody waits for. */
export interface Wish {
  /** Its outcome, or NOT_YET. */
  readonly attempt: () => unknown;
  /** Asks the addon to wait; true if it is worth to try at once. */
  readonly start: () => true | number;
}

interface Place extends Wish {
  readonly settle: (outcome: unknown) => void;
  readonly fail: (error: unknown) => void;
}

type Options = WaitOptions & { timeout: number };

/** Waits of one end. */
export class Line {
  readonly #owner: object;
  readonly #places = new Set<Place>();
  /** Ends the wait of the addon that is made for the first. */
  #waiting: AbortController | undefined;

  constructor(owner: object) {
    this.#owner = owner;
  }

  /** Nobody waits. */
  get isEmpty(): boolean {
    return this.#places.size === 0;
  }

  /** The outcome of the wish, once all before it are served; `undefined` at the timeout. */
  async join(wish: Wish, options: Options): Promise<unknown> {
    const { signal, timeout } = options;
    if (signal?.aborted) throw abortError(signal);
    if (this.isEmpty) {
      const outcome = wish.attempt();
      if (outcome !== NOT_YET) return outcome;
    }
    return timeout === 0 ? undefined : this.#stand(wish, options);
  }

  #stand(wish: Wish, options: Options): Promise<unknown> {
    const { signal, timeout } = options;
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#places.delete(place);
        hold.end();
        timer.stop();
        deafen?.();
      };
      const place: Place = {
        ...wish,
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
        const wasFirst = this.#first() === place;
        end();
        // The next one may want less.
        if (wasFirst) this.#restart();
      };
      const onAbort = () => giveUp(() => place.fail(abortError(signal as AbortSignal)));
      const hold = new Hold(this.#owner, options);
      const timer = new Timer(timeout, () => giveUp(() => place.settle(undefined)));
      const deafen = signal && listen(signal, onAbort);
      this.#places.add(place);
      if (this.#places.size === 1) this.#wait(place);
    });
  }

  #first(): Place | undefined {
    return this.#places.values().next().value;
  }

  #restart(): void {
    this.#waiting?.abort();
    this.#waiting = undefined;
    this.#serve();
  }

  /** Serves from the front, until somebody has to wait. */
  #serve(): void {
    for (let place = this.#first(); place; place = this.#first()) {
      try {
        const outcome = place.attempt();
        if (outcome === NOT_YET) {
          this.#wait(place);
          return;
        }
        place.settle(outcome);
      } catch (error) {
        place.fail(error);
      }
    }
  }

  #wait(place: Place): void {
    const { start } = place;
    const attempt = () => {
      const outcome = place.attempt();
      if (outcome !== NOT_YET) place.settle(outcome);
      return outcome;
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
        // The handle was closed, or the ring replaced: that holds for all.
        for (const other of this.#places) other.fail(error);
      },
    );
  }
}

/** Calls `end` once, when the time is up by the clock that never goes back. It keeps no process: the wait does. */
class Timer {
  readonly #deadline: number;
  #timeout: NodeJS.Timeout | undefined;

  /** Negative: never. */
  constructor(seconds: number, end: () => void) {
    this.#deadline = performance.now() + seconds * 1000;
    if (seconds >= 0) this.#set(end);
  }

  stop(): void {
    clearTimeout(this.#timeout);
  }

  #set(end: () => void): void {
    const left = Math.ceil(this.#deadline - performance.now());
    const onTime = () => {
      if (performance.now() >= this.#deadline) end();
      else this.#set(end);
    };
    this.#timeout = setTimeout(onTime, Math.min(Math.max(left, 1), LONGEST_TIMER_MS)).unref();
  }
}
