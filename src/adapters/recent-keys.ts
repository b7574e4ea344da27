// What a limiter computes for a key, kept for the keys of recent calls.

/** Keys of a generation. */
const CAPACITY = 2000;

/**
 * Remembers what `make` returned for the keys of recent calls. Joining a prefix and a key makes a text that must be copied
 * before the dictionary can read it, which takes longer than finding it here.
 */
export class RecentKeys<T> {
  readonly #make: (key: string) => T;
  #current = new Map<string, T>();
  /** The generation before: what is not used again goes with it. */
  #previous = new Map<string, T>();

  constructor(make: (key: string) => T) {
    this.#make = make;
  }

  get(key: string): T {
    return this.#current.get(key) ?? this.#recall(key);
  }

  #recall(key: string): T {
    const found = this.#previous.get(key) ?? this.#make(key);
    if (this.#current.size >= CAPACITY) {
      this.#previous = this.#current;
      this.#current = new Map();
    }
    this.#current.set(key, found);
    return found;
  }
}
