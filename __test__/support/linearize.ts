// Is there an order of these events, each at one instant between its call and its return, that explains all outcomes?
// The search of Wing and Gong (1993) with the memory of Lowe (2017), as in Porcupine. Events that never returned may
// take place at any time after their call, or never. Exponential at worst; linear where few events overlap.
//
// At any point there is one event that must return first. It is looked for an order in which few others come before it,
// and only if there is none for one with more of them.
import { Remaining } from './linearize-remaining';

/** A call, or anything else that changes the object at one instant. */
export interface Happening<State> {
  /** Nanoseconds. */
  readonly called: number;
  /** Nanoseconds; Infinity if nobody knows that it took place. */
  readonly returned: number;
  /** It cannot take place before this one has. */
  readonly after?: Happening<State> | undefined;
  /** It cannot take place once this one has. */
  readonly before?: Happening<State> | undefined;
  /** The state after it; the very same object if nothing changes; undefined if its outcome cannot be had there. */
  readonly step: (state: State) => State | undefined;
  /** Where it leaves the state as it is, it would do so later as well. */
  readonly isHarmless: boolean;
  /** The only era of the object in which it can take place. */
  readonly era?: unknown;
  readonly text: string;
}

/** What came of a search. */
export interface Verdict {
  readonly ok: boolean;
  /** False if it was given up. */
  readonly isDecided: boolean;
  /** States that were looked at. */
  readonly steps: number;
  /** Where the longest explanation ends, and what none goes beyond. */
  readonly problem?: string;
}

/** What the search has to know of states. */
export interface Nature<State> {
  readonly initial: State;
  /** Different for different states. */
  readonly keyOf: (state: State) => string;
  /** Once a state of another era comes, those of this one are over for good. */
  readonly eraOf?: (state: State) => unknown;
}

/** A point of the search, and the events to go on with that were not tried yet, the best one last. */
interface Branch<State> {
  readonly state: State;
  readonly choices: number[];
  /** How many events had taken place when it was reached. */
  readonly depth: number;
  /** The event that must return first, and how many others may still come before it. */
  readonly urgent: number;
  readonly allowed: number;
}

/** More than a history of a few thousand overlapping events needs. */
const MOST_STEPS = 150_000;
/** How many events may come before the one that must return first, in one search after the other. */
const DETOURS = [2, 4, 8, Infinity];

/** Looks for an order. */
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
  /** True if something was left out, so that failure proves nothing. */
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

  /** A harmless event that can take place now might as well: no order that has it later is lost. */
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

  /** The urgent one last, before it those that make it possible, and before these the ones that have time. */
  #sort(state: State, places: number[], urgent: number): number[] {
    const ranks = new Map<number, number>();
    for (const place of places) {
      const after = this.#after(state, place) as State;
      ranks.set(place, place === urgent ? 2 : this.#after(after, urgent) === undefined ? 0 : 1);
    }
    const rankOf = (place: number) => ranks.get(place) as number;
    return places.toSorted((left, right) => rankOf(left) - rankOf(right) || this.#returnOf(right) - this.#returnOf(left));
  }

  /** The state after the event, if it can take place now. */
  #after(state: State, place: number): State | undefined {
    const after = this.#remaining.event(place).step(state);
    const { eraOf } = this.nature;
    if (after === undefined || !eraOf) return after;
    return this.#remaining.eras.mayFollow(eraOf(after), eraOf(state)) ? after : undefined;
  }

  /** The state after the best choice that was not tried yet of the last branch; undefined if it has no more. */
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
