// Is there an order of these events, each at one instant between its call and its return, that explains all outcomes?
// The search of Wing and Gong (1993) with the memory of Lowe (2017), as in Porcupine. Events that never returned may
// take place at any time after their call, or never. Exponential at worst; linear where few events overlap.

/** A call, or anything else that changes the object at one instant. */
export interface Happening<State> {
  /** Nanoseconds. */
  readonly called: number;
  /** Nanoseconds; Infinity if nobody knows that it took place. */
  readonly returned: number;
  /** It cannot take place before this one has. */
  readonly after?: Happening<State> | undefined;
  /** The state after it; the very same object if nothing changes; undefined if its outcome cannot be had there. */
  readonly step: (state: State) => State | undefined;
  /** Where it leaves the state as it is, it would do so later as well. */
  readonly isHarmless: boolean;
  readonly text: string;
}

/** What came of a search. */
export interface Verdict {
  readonly ok: boolean;
  /** States that were looked at. */
  readonly steps: number;
  /** Where the longest explanation ends, and what none goes beyond. */
  readonly problem?: string;
}

interface Branch<State> {
  readonly state: State;
  readonly choices: number[];
  /** How many events had taken place when it was reached. */
  readonly depth: number;
}

/** More than a history of a few thousand overlapping events needs. */
const MOST_STEPS = 3_000_000;

/** Looks for an order. `keyOf` tells different states apart. */
export function linearize<State>(events: readonly Happening<State>[], initial: State, keyOf: (state: State) => string): Verdict {
  return new Search(events, keyOf).run(initial);
}

class Search<State> {
  readonly #events: Happening<State>[];
  readonly #places = new Map<Happening<State>, number>();
  /** Those that returned, which must take place: their places come first. */
  readonly #returned: number;
  readonly #order: number[];
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #done: Uint32Array;
  readonly #taken: number[] = [];
  readonly #seen = new Set<string>();
  #missing: number;
  #steps = 0;
  #deepest = -1;
  #problem = '';

  constructor(
    events: readonly Happening<State>[],
    readonly keyOf: (state: State) => string,
  ) {
    const byCall = events.toSorted((left, right) => left.called - right.called);
    const returned = byCall.filter((event) => event.returned !== Infinity);
    this.#events = [...returned, ...byCall.filter((event) => event.returned === Infinity)];
    this.#events.forEach((event, place) => this.#places.set(event, place));
    this.#returned = returned.length;
    this.#missing = returned.length;
    this.#done = new Uint32Array((events.length + 31) >> 5);
    this.#order = byCall.map((event) => this.#places.get(event) as number);
    const size = events.length;
    this.#next = new Int32Array(size + 1).fill(size);
    this.#previous = new Int32Array(size + 1).fill(size);
    this.#order.forEach((place, index) => {
      const before = this.#order[index - 1] ?? size;
      this.#next[before] = place;
      this.#previous[place] = before;
      this.#next[place] = size;
      this.#previous[size] = place;
    });
  }

  run(initial: State): Verdict {
    const branches: Branch<State>[] = [];
    let state: State | undefined = initial;
    while (state !== undefined || branches.length > 0) {
      if (state === undefined) {
        state = this.#turnBack(branches);
        continue;
      }
      if (this.#steps > MOST_STEPS) return { ok: false, steps: this.#steps, problem: `undecided after ${MOST_STEPS} steps` };
      state = this.#takeWhatChangesNothing(state);
      if (this.#missing === 0) return { ok: true, steps: this.#steps };
      state = this.#branch(branches, state);
    }
    return { ok: false, steps: this.#steps, problem: this.#problem };
  }

  /** A harmless event that can take place now might as well: no order that has it later is lost. */
  #takeWhatChangesNothing(state: State): State {
    for (let found = true; found; ) {
      found = false;
      for (const place of this.#candidates()) {
        const event = this.#events[place] as Happening<State>;
        if (!event.isHarmless || event.step(state) !== state) continue;
        this.#take(place);
        found = true;
      }
    }
    return state;
  }

  #branch(branches: Branch<State>[], state: State): State | undefined {
    const key = this.#key(state);
    if (this.#seen.has(key)) return undefined;
    this.#seen.add(key);
    const choices = this.#candidates().filter((place) => (this.#events[place] as Happening<State>).step(state) !== undefined);
    this.#remember(state);
    // The one that must come first is tried first, and so comes last here.
    choices.sort((left, right) => (this.#events[right] as Happening<State>).returned - (this.#events[left] as Happening<State>).returned);
    branches.push({ state, choices, depth: this.#taken.length });
    return this.#turnBack(branches);
  }

  /** The state after the next choice that was not tried yet, if the last branch has one. */
  #turnBack(branches: Branch<State>[]): State | undefined {
    const { state, choices, depth } = branches.at(-1) as Branch<State>;
    while (this.#taken.length > depth) this.#putBack();
    const place = choices.pop();
    if (place === undefined) {
      branches.pop();
      return undefined;
    }
    this.#take(place);
    return (this.#events[place] as Happening<State>).step(state);
  }

  /** Events that may come next: no other one returned before they were called. */
  #candidates(): number[] {
    const end = this.#events.length;
    const found: number[] = [];
    let latest = Infinity;
    for (let place = this.#next[end] as number; place !== end; place = this.#next[place] as number) {
      const event = this.#events[place] as Happening<State>;
      if (event.called > latest) break;
      latest = Math.min(latest, event.returned);
      if (!event.after || this.#isDone(this.#places.get(event.after) as number)) found.push(place);
    }
    return found;
  }

  #isDone(place: number): boolean {
    return ((this.#done[place >> 5] as number) & (1 << (place & 31))) !== 0;
  }

  #flip(place: number): void {
    this.#done[place >> 5] = (this.#done[place >> 5] as number) ^ (1 << (place & 31));
  }

  #take(place: number): void {
    const [previous, next] = [this.#previous[place] as number, this.#next[place] as number];
    this.#next[previous] = next;
    this.#previous[next] = previous;
    this.#flip(place);
    this.#taken.push(place);
    this.#steps += 1;
    if (place < this.#returned) this.#missing -= 1;
  }

  /** Undoes the last `take`: its neighbours are again what they were then. */
  #putBack(): void {
    const place = this.#taken.pop() as number;
    this.#next[this.#previous[place] as number] = place;
    this.#previous[this.#next[place] as number] = place;
    this.#flip(place);
    if (place < this.#returned) this.#missing += 1;
  }

  /** Which events have taken place, and the state: all that the rest of the search depends on. */
  #key(state: State): string {
    let first = 0;
    while (this.#done[first] === 0xffff_ffff) first += 1;
    let last = this.#done.length - 1;
    while (last > first && this.#done[last] === 0) last -= 1;
    return `${first}:${this.#done.subarray(first, last + 1).join(',')}:${this.keyOf(state)}`;
  }

  #remember(state: State): void {
    if (this.#taken.length <= this.#deepest) return;
    this.#deepest = this.#taken.length;
    const texts = (places: number[]) => places.map((place) => `\n    ${describe(this.#events[place] as Happening<State>)}`).join('');
    this.#problem =
      `in the state ${this.keyOf(state)}, after${texts(this.#taken.slice(-8))}\n  comes none of${texts(this.#candidates().slice(0, 12))}`;
  }
}

function describe<State>({ called, returned, text }: Happening<State>): string {
  return `${called} to ${returned}: ${text}`;
}
