// The keys that occur most often among many, in memory for a few ("space-saving", Metwally et al. 2005): a key that occurs
// more than once in `kept` times is among them, and no count is too low.
import { inOrder } from './order.js';

export interface Hot {
  readonly key: string;
  readonly count: number;
  /** By how much the count may be too high, at most. */
  readonly error: number;
}

interface Counter {
  key: string;
  count: number;
  error: number;
}

export class Hottest {
  readonly #kept: number;
  readonly #counters = new Map<string, Counter>();
  #total = 0;

  constructor(kept = 512) {
    this.#kept = kept;
  }

  get total(): number {
    return this.#total;
  }

  add(key: string): void {
    this.#total += 1;
    const known = this.#counters.get(key);
    if (known !== undefined) known.count += 1;
    else if (this.#counters.size < this.#kept) this.#counters.set(key, { key, count: 1, error: 0 });
    else this.#replaceRarest(key);
  }

  /** Returns the most frequent keys, in order. */
  ranked(limit: number): Hot[] {
    return inOrder([...this.#counters.values()], (a, b) => b.count - a.count).slice(0, limit).map((counter) => ({ ...counter }));
  }

  #replaceRarest(key: string): void {
    let rarest: Counter | undefined;
    for (const counter of this.#counters.values()) {
      if (rarest === undefined || counter.count < rarest.count) rarest = counter;
      if (rarest.count === 1) break;
    }
    if (rarest === undefined) return;
    this.#counters.delete(rarest.key);
    this.#counters.set(key, { key, count: rarest.count + 1, error: rarest.count });
  }
}
