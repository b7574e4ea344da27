// Turns of the event loop for loops whose promises are all settled already: without them no timer and no signal gets its turn.
import { setImmediate } from 'node:timers/promises';

const LONGEST_NS = 5_000_000n;

export class Turns {
  #last = process.hrtime.bigint();

  /** Lets the event loop turn if it has not for some milliseconds. */
  async take(): Promise<void> {
    if (process.hrtime.bigint() - this.#last < LONGEST_NS) return;
    await setImmediate();
    this.#last = process.hrtime.bigint();
  }
}
