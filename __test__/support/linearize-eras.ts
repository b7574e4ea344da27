// The order of eras, as far as it is known before any order of events is tried (Gibbons and Korach, 1997): an era lasts
// at least from the first return to the last call of its events.

interface Era {
  /** When the first of its events returned. */
  first: number;
  /** When the last of its events was called. */
  last: number;
  /** Its events that have not taken effect yet. */
  missing: number;
}

/** The eras of a history, and how many of their events are still to come. */
export class Eras {
  readonly #eras = new Map<unknown, Era>();
  readonly #byFirst: Era[];

  constructor(events: readonly { called: number; returned: number; era?: unknown }[]) {
    for (const { called, returned, era } of events) {
      if (era === undefined) continue;
      const known = this.#eras.get(era) ?? { first: Infinity, last: -Infinity, missing: 0 };
      known.first = Math.min(known.first, returned);
      known.last = Math.max(known.last, called);
      known.missing += 1;
      this.#eras.set(era, known);
    }
    this.#byFirst = [...this.#eras.values()].toSorted((left, right) => left.first - right.first);
  }

  /** Changes how many of its events are to come. */
  count(era: unknown, change: number): void {
    const known = this.#eras.get(era);
    if (known) known.missing += change;
  }

  /** Returns whether an era may begin: the present one has no events to come, and no other era must begin before it ends. */
  mayFollow(next: unknown, present: unknown): boolean {
    if (next === present) return true;
    if (this.#eras.get(present)?.missing) return false;
    const era = this.#eras.get(next);
    if (!era) return true;
    for (const other of this.#byFirst) {
      if (other.first >= era.last) return true;
      if (other !== era && other.missing > 0) return false;
    }
    return true;
  }
}
