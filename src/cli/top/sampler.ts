// Measurements of all objects, with rates since the one before.
import type { ListedDict, Stats } from 'shmkit';
import { openToRead } from '../dict.js';
import { codeOf, no } from '../failure.js';
import { type Found, kindsOf, listAll } from '../kinds.js';
import type { Shell } from '../shell.js';

/** Per second, since the last measurement. */
export interface Rates {
  readonly gets: number;
  readonly hits: number;
  readonly sets: number;
  readonly deletes: number;
  readonly evictions: number;
  readonly expired: number;
  readonly lockWaits: number;
  readonly recoveries: number;
}

export interface Sample {
  readonly kind: string;
  readonly name: string;
  readonly size: number;
  readonly entries: number | undefined;
  readonly processes: readonly number[];
  readonly stale: boolean;
  /** Of a dictionary. */
  readonly stats?: Stats;
  /** Of a dictionary that was there the last time. */
  readonly rates?: Rates;
}

export class Sampler {
  readonly #shell: Shell;
  readonly #name: string | undefined;
  #before = new Map<string, Stats>();
  #at = process.hrtime.bigint();

  /** Measures one dictionary, or all objects without a name. The first rates are those since now. */
  constructor(shell: Shell, name: string | undefined) {
    this.#shell = shell;
    this.#name = name;
    if (this.take().length === 0 && name !== undefined) throw no(`there is no dictionary "${name}"`);
  }

  take(): Sample[] {
    const now = process.hrtime.bigint();
    const seconds = Number(now - this.#at) / 1e9;
    const current = new Map<string, Stats>();
    const samples = this.#list().map((found) => this.#measure(found, seconds, current));
    [this.#before, this.#at] = [current, now];
    return samples;
  }

  #list(): Found[] {
    const name = this.#name;
    return name === undefined ? listAll(this.#shell, kindsOf(undefined)) : listAll(this.#shell, kindsOf('dict')).filter((found) => found.name === name);
  }

  #measure(found: Found, seconds: number, current: Map<string, Stats>): Sample {
    const { kind, name, size, processes, stale } = found;
    const sample = { kind: kind.name, name, size, entries: kind.entries(found), processes, stale };
    const stats = kind.name === 'dict' ? this.#statsOf(name) : undefined;
    if (stats === undefined) return sample;
    current.set(name, stats);
    const before = this.#before.get(name);
    // Smaller counters are those of another dictionary of the same name.
    const rates = before !== undefined && before.sets <= stats.sets && before.hits <= stats.hits ? ratesOf(before, stats, seconds) : undefined;
    return { ...sample, entries: (found as unknown as ListedDict).entries, stats, ...(rates && { rates }) };
  }

  // A dictionary may go, or be replaced, after it was listed; one that cannot be read keeps none of the others from being shown.
  #statsOf(name: string): Stats | undefined {
    try {
      const dict = openToRead(this.#shell, name);
      try {
        return dict.stats();
      } finally {
        dict.close();
      }
    } catch (error) {
      const isTolerable = this.#name === undefined ? codeOf(error) !== undefined : codeOf(error) === 'ERR_SHM_NOT_FOUND';
      if (isTolerable) return undefined;
      throw error;
    }
  }
}

function ratesOf(before: Stats, after: Stats, seconds: number): Rates {
  const rate = (figure: Exclude<keyof Rates, 'gets'>) => Math.max(0, after[figure] - before[figure]) / seconds;
  const misses = Math.max(0, after.misses - before.misses) / seconds;
  return {
    gets: rate('hits') + misses,
    hits: rate('hits'),
    sets: rate('sets'),
    deletes: rate('deletes'),
    evictions: rate('evictions'),
    expired: rate('expired'),
    lockWaits: rate('lockWaits'),
    recoveries: rate('recoveries'),
  };
}
