// The figures of the last minutes, for charts.
import { useRef } from 'preact/hooks';
import { type Figures, rateOf, type Sample } from './figures.js';

const KEPT = 300;

interface Kept extends Sample {
  /** The time of this page's clock, in seconds since 1970. */
  readonly time: number;
}

export class History {
  #samples: Kept[] = [];

  add(at: number, figures: Figures | undefined): void {
    if (figures === undefined || this.#samples.at(-1)?.at === at) return;
    this.#samples = [...this.#samples.slice(-KEPT), { at, figures, time: Date.now() / 1000 }];
  }

  get times(): number[] {
    return this.#samples.slice(1).map(({ time }) => time);
  }

  get latest(): Sample | undefined {
    return this.#samples.at(-1);
  }

  /** Returns how fast the sum of these figures grew, at each time. */
  rates(...names: readonly string[]): Array<number | null> {
    return this.#each((sample, before) => rateOf(before, sample, ...names));
  }

  /** Returns a number from the figures at each time. */
  values(value: (figures: Figures) => number | undefined): Array<number | null> {
    return this.#each(({ figures }) => value(figures));
  }

  /** Returns how much one rate is of another, in percent. */
  shares(part: string, ...whole: readonly string[]): Array<number | null> {
    return this.#each((sample, before) => {
      const all = rateOf(before, sample, ...whole);
      const some = rateOf(before, sample, part);
      return all === undefined || some === undefined || all === 0 ? undefined : (100 * some) / all;
    });
  }

  #each(figure: (sample: Sample, before: Sample | undefined) => number | undefined): Array<number | null> {
    return this.#samples.slice(1).map((sample, at) => figure(sample, this.#samples[at]) ?? null);
  }
}

/** Returns the history of one object, a new one for each other object. */
export function useHistory(kind: string, name: string): History {
  const kept = useRef<{ id: string; history: History } | undefined>(undefined);
  const id = `${kind} ${name}`;
  if (kept.current?.id !== id) kept.current = { id, history: new History() };
  return kept.current.history;
}
