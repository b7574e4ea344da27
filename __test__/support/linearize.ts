// Searches an order of events, each at one instant between its call and its return, that explains all outcomes.
// The search of Wing and Gong (1993) with the memory of Lowe (2017), as in Porcupine. Events that never returned may
// take effect at any time after their call, or never. Exponential at worst; linear if few events overlap.
//
// At any point one event must return first. Orders in which few others precede it are searched first, those in which
// more do afterwards.
import { Remaining } from './linearize-remaining';

/** A call, or anything else that changes the object at one instant. */
export interface Happening<State> {
  /** Nanoseconds. */
  readonly called: number;
  /** Nanoseconds; Infinity if it is not known to have taken effect. */
  readonly returned: number;
  /** It cannot take effect before this one has. */
  readonly after?: Happening<State> | undefined;
  /** It cannot take effect once this one has. */
  readonly before?: Happening<State> | undefined;
  /** Returns the state after it: the same object if nothing changes, undefined if its outcome is impossible there. */
  readonly step: (state: State) => State | undefined;
  /** Whether an event that leaves the state as it is would also do so later. */
  readonly isHarmless: boolean;
  /** The only era of the object in which it can take effect. */
  readonly era?: unknown;
  readonly text: string;
}

/** The result of a search. */
export interface Verdict {
  readonly ok: boolean;
  /** False if it was given up. */
  readonly isDecided: boolean;
  /** How many states were tried. */
  readonly steps: number;
  /** Where the longest explanation ends, and the event that none explains. */
  readonly problem?: string;
}

/** What the search needs to know about states. */
export interface Nature<State> {
  readonly initial: State;
  /** Returns a string that identifies the state. */
  readonly keyOf: (state: State) => string;
  /** The era of the state: once another era begins, this one does not come back. */
  readonly eraOf?: (state: State) => unknown;
}

/** A point of the search, and the events that were not tried there yet, the best one last. */
interface Branch<State> {
  readonly state: State;
  readonly choices: number[];
  /** How many events had taken effect when it was reached. */
  readonly depth: number;
  /** The event that must return first, and how many others may still come before it. */
  readonly urgent: number;
  readonly allowed: number;
}

/** More than a history of a few thousand overlapping events needs. */
const MOST_STEPS = 150_000;
/** How many events may come before the one that must return first, in one search after the other. */
const DETOURS = [2, 4, 8, Infinity];

/** Searches for an order. */
export function linearize<State>(events: readonly Happening<State>[], nature: Nature<State>): Verdict {
  let steps = 0;
  for (const detour of DETOURS) {
    const search = new Search(events, nature, detour);
    const verdict = search.run();
    steps += verdict.steps;
    if (verdict.ok || !search.isCut || detour === Infinity) return { ...verdict, steps };
  }
  throw new Error('unreachable');
}

class Search<State> {
  /** Whether orders were left out, so that failure proves nothing. */
  isCut = false;
  readonly #remaining: Remaining<State>;
  readonly #branches: Branch<State>[] = [];
  readonly #seen = new Map<string, number>();
  #deepest = -1;
  #problem = '';

  constructor(
    events: readonly Happening<State>[],
    readonly nature: Nature<State>,
    readonly detour: number,
  ) {
    this.#remaining = new Remaining(events);
  }

  run(): Verdict {
    const remaining = this.#remaining;
    let state: State | undefined = this.nature.initial;
    for (;;) {
      const steps = remaining.steps;
      if (steps > MOST_STEPS) return { ok: false, isDecided: false, steps, problem: `undecided after ${steps} steps; ${this.#problem}` };
      if (state !== undefined) {
        this.#takeWhatChangesNothing(state);
        if (remaining.missing === 0) return { ok: true, isDecided: true, steps };
        this.#branch(state);
      }
      if (this.#branches.length === 0) return { ok: false, isDecided: true, steps, problem: this.#problem };
      state = this.#goOn();
    }
  }

  /** Takes all harmless events that can take effect now: that loses no order in which they come later. */
  #takeWhatChangesNothing(state: State): void {
    for (let found = true; found; ) {
      found = false;
      for (const place of this.#remaining.candidates()) {
        const event = this.#remaining.event(place);
        if (!event.isHarmless || event.step(state) !== state) continue;
        this.#remaining.take(place);
        found = true;
      }
    }
  }

  #branch(state: State): void {
    const candidates = this.#remaining.candidates();
    const urgent = candidates.reduce((first, place) => (this.#returnOf(place) < this.#returnOf(first) ? place : first));
    const last = this.#branches.at(-1);
    const allowed = last && last.urgent === urgent ? last.allowed - 1 : this.detour;
    const key = `${this.#remaining.key()}:${this.nature.keyOf(state)}`;
    if ((this.#seen.get(key) ?? -1) >= allowed) return;
    this.#seen.set(key, allowed);
    this.#remember(state, candidates);
    const possible = candidates.filter((place) => this.#after(state, place) !== undefined);
    const choices = allowed > 0 ? this.#sort(state, possible, urgent) : possible.filter((place) => place === urgent);
    if (choices.length < possible.length) this.isCut = true;
    this.#branches.push({ state, choices, depth: this.#remaining.taken.length, urgent, allowed });
  }

  /** Sorts the urgent event last, before it those that enable it, and first those that can wait. */
  #sort(state: State, places: number[], urgent: number): number[] {
    const ranks = new Map<number, number>();
    for (const place of places) {
      const after = this.#after(state, place) as State;
      ranks.set(place, place === urgent ? 2 : this.#after(after, urgent) === undefined ? 0 : 1);
    }
    const rankOf = (place: number) => ranks.get(place) as number;
    return places.toSorted((left, right) => rankOf(left) - rankOf(right) || this.#returnOf(right) - this.#returnOf(left));
  }

  /** Returns the state after the event, if it can take effect now. */
  #after(state: State, place: number): State | undefined {
    const after = this.#remaining.event(place).step(state);
    const { eraOf } = this.nature;
    if (after === undefined || !eraOf) return after;
    return this.#remaining.eras.mayFollow(eraOf(after), eraOf(state)) ? after : undefined;
  }

  /** Returns the state after the best choice of the last branch that was not tried yet; undefined if there is none. */
  #goOn(): State | undefined {
    const { state, choices, depth } = this.#branches.at(-1) as Branch<State>;
    this.#remaining.putBackTo(depth);
    const place = choices.pop();
    if (place === undefined) {
      this.#branches.pop();
      return undefined;
    }
    this.#remaining.take(place);
    return this.#remaining.event(place).step(state);
  }

  #returnOf(place: number): number {
    return this.#remaining.event(place).returned;
  }

  #remember(state: State, candidates: number[]): void {
    const { taken } = this.#remaining;
    if (taken.length <= this.#deepest) return;
    this.#deepest = taken.length;
    const texts = (places: number[]) => places.map((place) => `\n    ${describe(this.#remaining.event(place))}`).join('');
    this.#problem =
      `in the state ${this.nature.keyOf(state)}, after${texts(taken.slice(-8))}\n  comes none of${texts(candidates.slice(0, 12))}`;
  }
}

function describe<State>({ called, returned, text }: Happening<State>): string {
  return `${called} to ${returned}: ${text}`;
}
