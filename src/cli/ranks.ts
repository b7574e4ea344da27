// Items in the order in which they were added, each with the number of those that were added after it and are still there
// (a Fenwick tree over their places).

export class Ranks {
  readonly #most: number;
  /** The place of each item; in the order of the places. */
  readonly #places = new Map<string, number>();
  #tree: Uint32Array;
  #next = 1;

  /** Keeps at most this many items, the latest ones. */
  constructor(most: number) {
    this.#most = most;
    this.#tree = new Uint32Array(2 * most + 1);
  }

  get size(): number {
    return this.#places.size;
  }

  /** Adds an item, or makes it the latest. */
  add(item: string): void {
    this.remove(item);
    if (this.#next >= this.#tree.length) this.#compact();
    this.#places.set(item, this.#next);
    this.#change(this.#next, 1);
    this.#next += 1;
    if (this.#places.size <= this.#most) return;
    const [oldest] = this.#places.keys();
    if (oldest !== undefined) this.remove(oldest);
  }

  /** Removes an item and returns how many later ones there are; `undefined` if it is not there. */
  remove(item: string): number | undefined {
    const place = this.#places.get(item);
    if (place === undefined) return undefined;
    this.#places.delete(item);
    const later = this.#places.size + 1 - this.#upTo(place);
    this.#change(place, -1);
    return later;
  }

  clear(): void {
    this.#places.clear();
    this.#tree.fill(0);
    this.#next = 1;
  }

  #upTo(place: number): number {
    let sum = 0;
    for (let at = place; at > 0; at -= at & -at) sum += this.#tree[at] ?? 0;
    return sum;
  }

  #change(place: number, by: number): void {
    for (let at = place; at < this.#tree.length; at += at & -at) this.#tree[at] = (this.#tree[at] ?? 0) + by;
  }

  #compact(): void {
    const items = [...this.#places.keys()];
    this.clear();
    for (const item of items) {
      this.#places.set(item, this.#next);
      this.#change(this.#next, 1);
      this.#next += 1;
    }
  }
}
