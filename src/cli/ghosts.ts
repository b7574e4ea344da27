// What a larger dictionary would have kept: remembers evicted keys, and, when one of them is stored again, how many were
// evicted after it and have not come back either. A dictionary with room for that many more entries would still have had it.
//
// Of a large dictionary, only keys with some hashes are remembered, and each stands for many.
import type { DictEvent } from 'shmkit';
import { Ranks } from './ranks.js';

/** Remembered at most. */
const MOST = 200_000;
/** How many times its entries a dictionary may be larger for an estimate. */
const LARGEST = 4;

export class Ghosts {
  /** One key in this many is remembered. */
  readonly #rate: number;
  readonly #evicted = new Ranks(MOST);
  /** For each key that came back, how many more entries would have kept it. */
  #distances: number[] = [];
  #reach = 0;
  #evictions = 0;

  /** `entries` is how many the dictionary holds. */
  constructor(entries: number) {
    this.#rate = Math.max(1, Math.ceil((entries * LARGEST) / MOST));
  }

  get evictions(): number {
    return this.#evictions;
  }

  /** How many more entries the returns can tell of: those that were remembered when counting began. */
  get reach(): number {
    return this.#reach;
  }

  /** Counts returns from now on only: those of keys that were evicted before the listening began are not noticed. */
  begin(): void {
    this.#distances = [];
    this.#reach = this.#evicted.size * this.#rate;
  }

  hear({ type, key }: DictEvent): void {
    if (type === 'clear') this.#evicted.clear();
    if (type === 'evict') this.#evictions += 1;
    if (key === undefined || !this.#isRemembered(key)) return;
    if (type === 'evict') this.#evicted.add(key);
    else {
      const later = this.#evicted.remove(key);
      if (later !== undefined && type === 'set') this.#distances.push((later + 1) * this.#rate);
    }
  }

  /** Returns how many times a key came back that a dictionary with this many more entries would have kept. */
  returnsWithin(entries: number): number {
    return this.#distances.filter((distance) => distance <= entries).length * this.#rate;
  }

  #isRemembered(key: string): boolean {
    return this.#rate === 1 || hashOf(key) % this.#rate === 0;
  }
}

/** FNV-1a, over code units, and a last mix for its low bits. */
function hashOf(key: string): number {
  let hash = 0x81_1c_9d_c5;
  for (let at = 0; at < key.length; at += 1) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01_00_01_93);
  return (hash ^ (hash >>> 15)) >>> 0;
}
