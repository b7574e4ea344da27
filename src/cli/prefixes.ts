// The memory of all keys with the same first part.
import { Largest } from './largest.js';

export interface Prefix {
  /** Empty for keys without the separator. */
  readonly prefix: string;
  keys: number;
  bytes: number;
}

export class Prefixes {
  readonly #separator: string;
  readonly #found = new Map<string, Prefix>();

  /** `separator` ends a prefix, which includes it. */
  constructor(separator: string) {
    this.#separator = separator;
  }

  add(key: string, bytes: number): void {
    const end = key.indexOf(this.#separator);
    const prefix = end < 0 ? '' : key.slice(0, end + this.#separator.length);
    const known = this.#found.get(prefix);
    if (known === undefined) this.#found.set(prefix, { prefix, keys: 1, bytes });
    else {
      known.keys += 1;
      known.bytes += bytes;
    }
  }

  /** Returns those that take the most, in order. */
  largest(limit: number): Prefix[] {
    const largest = new Largest<Prefix>(limit);
    for (const prefix of this.#found.values()) largest.add(prefix, prefix.bytes);
    return largest.ranked().map(({ item }) => item);
  }
}
