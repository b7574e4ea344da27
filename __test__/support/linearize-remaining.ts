// The events of a history that have not taken effect yet, in the order of their calls, with undo.
import type { Happening } from './linearize';
import { Eras } from './linearize-eras';

/** Events are identified by their places: those that returned come first. */
export class Remaining<State> {
  readonly #events: Happening<State>[];
  readonly #places = new Map<Happening<State>, number>();
  readonly #returned: number;
  /** A doubly linked list; its ends are at the place past the last event. */
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** A bit for each place. */
  readonly #done: Uint32Array;
  readonly eras: Eras;
  /** The events that have taken effect, in this order. */
  readonly taken: number[] = [];
  /** How many events that returned are still to come. */
  missing: number;
  /** How many events were ever taken. */
  steps = 0;

  constructor(events: readonly Happening<State>[]) {
    const byCall = events.toSorted((left, right) => left.called - right.called);
    const returned = byCall.filter((event) => event.returned !== Infinity);
    this.#events = [...returned, ...byCall.filter((event) => event.returned === Infinity)];
    this.#events.forEach((event, place) => this.#places.set(event, place));
    this.eras = new Eras(returned);
    this.#returned = returned.length;
    this.missing = returned.length;
    const end = events.length;
    this.#done = new Uint32Array((end + 31) >> 5);
    this.#next = new Int32Array(end + 1).fill(end);
    this.#previous = new Int32Array(end + 1).fill(end);
    for (const event of byCall) this.#append(this.#places.get(event) as number, end);
  }

  #append(place: number, end: number): void {
    const last = this.#previous[end] as number;
    this.#next[last] = place;
    this.#previous[place] = last;
    this.#next[place] = end;
    this.#previous[end] = place;
  }

  event(place: number): Happening<State> {
    return this.#events[place] as Happening<State>;
  }

  /** Returns the events that may come next: no other one returned before they were called. */
  candidates(): number[] {
    const end = this.#events.length;
    const found: number[] = [];
    let latest = Infinity;
    for (let place = this.#next[end] as number; place !== end; place = this.#next[place] as number) {
      const event = this.event(place);
      if (event.called > latest) break;
      latest = Math.min(latest, event.returned);
      if (this.#isInOrder(event)) found.push(place);
    }
    return found;
  }

  #isInOrder({ after, before }: Happening<State>): boolean {
    return (!after || this.#isDone(after)) && (!before || !this.#isDone(before));
  }

  #isDone(event: Happening<State>): boolean {
    const place = this.#places.get(event) as number;
    return ((this.#done[place >> 5] as number) & (1 << (place & 31))) !== 0;
  }

  take(place: number): void {
    const [previous, next] = [this.#previous[place] as number, this.#next[place] as number];
    this.#next[previous] = next;
    this.#previous[next] = previous;
    this.taken.push(place);
    this.steps += 1;
    this.#count(place, -1);
  }

  /** Undoes the last events, until only this many have taken effect. */
  putBackTo(depth: number): void {
    while (this.taken.length > depth) {
      const place = this.taken.pop() as number;
      // Its neighbours are again those from when it was taken.
      this.#next[this.#previous[place] as number] = place;
      this.#previous[this.#next[place] as number] = place;
      this.#count(place, 1);
    }
  }

  #count(place: number, change: number): void {
    this.#done[place >> 5] = (this.#done[place >> 5] as number) ^ (1 << (place & 31));
    if (place >= this.#returned) return;
    this.missing += change;
    this.eras.count(this.event(place).era, change);
  }

  /** Returns a string that identifies the events that have taken effect. */
  key(): string {
    let first = 0;
    while (this.#done[first] === 0xffff_ffff) first += 1;
    let last = this.#done.length - 1;
    while (last > first && this.#done[last] === 0) last -= 1;
    return `${first}:${this.#done.subarray(first, last + 1).join(',')}`;
  }
}
