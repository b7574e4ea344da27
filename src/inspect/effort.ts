// What an answer cost this process, by which the page chooses how often it asks.
import { performance } from 'node:perf_hooks';

export class Effort {
  readonly #at = performance.now();
  readonly #before = process.cpuUsage();

  /** Returns when the work began, and the processor time since then, in milliseconds. */
  spent(): { at: number; took: number } {
    const { user, system } = process.cpuUsage(this.#before);
    return { at: this.#at, took: (user + system) / 1000 };
  }
}
