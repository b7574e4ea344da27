// The largest of many items, in memory for a few.
import { inOrder } from './order.js';

export interface Ranked<T> {
  readonly item: T;
  readonly size: number;
}

export class Largest<T> {
  readonly #limit: number;
  #kept: Array<Ranked<T>> = [];
  /** Items of this size or less are not among the largest. */
  #floor = -1;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(item: T, size: number): void {
    if (size <= this.#floor || this.#limit === 0) return;
    this.#kept.push({ item, size });
    if (this.#kept.length >= 2 * this.#limit) this.#trim();
  }

  /** Returns the largest, in order. */
  ranked(): ReadonlyArray<Ranked<T>> {
    this.#trim();
    return this.#kept;
  }

  #trim(): void {
    this.#kept = inOrder(this.#kept, (a, b) => b.size - a.size).slice(0, this.#limit);
    if (this.#kept.length === this.#limit) this.#floor = this.#kept.at(-1)?.size ?? this.#floor;
  }
}
