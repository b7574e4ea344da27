// Medians of functions measured in turn, in one run: whatever slows the machine for a while slows all of them alike.
import { do_not_optimize, measure } from 'mitata';
import { atMost } from './rows.mjs';

const PATIENT = { rounds: 9, nanoseconds: 40e6 };
const QUICK = { rounds: 3, nanoseconds: 10e6 };

/** Keeps the compiler from removing a call whose result is not used. */
export const keep = do_not_optimize;

/**
 * Measures functions in turn, round after round. Each makes `calls` calls in a loop of its own, so that V8 compiles each
 * separately, and takes at least 50 us.
 */
export async function inTurn(calls, functions, { quick = false } = {}) {
  const { rounds, nanoseconds } = quick ? QUICK : PATIENT;
  const figures = Object.fromEntries(Object.keys(functions).map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, run] of Object.entries(functions)) {
      const { p50 } = await measure(run, { min_cpu_time: nanoseconds, warmup_samples: 4, batch_threshold: 0 });
      figures[name].push(p50 / calls);
    }
  }
  return new Figures(figures);
}

/** The measurements of some functions. */
class Figures {
  #rounds;

  constructor(rounds) {
    this.#rounds = rounds;
  }

  /** Returns the median in nanoseconds per call. */
  of(name) {
    return median(this.#rounds[name]);
  }

  /** Returns the median of the ratios of two functions in the same round. */
  ratio(name, to) {
    return median(this.#rounds[name].map((figure, round) => figure / this.#rounds[to][round]));
  }

  /** Returns a row for each function. */
  rows() {
    return Object.keys(this.#rounds).map((name) => ({ name, reached: this.of(name), unit: 'ns' }));
  }
}

/** Returns the median of the milliseconds that `run` takes; `after` cleans up and is not counted. */
export function milliseconds(times, run, after = () => {}) {
  const values = [];
  for (let time = 0; time < times; time += 1) {
    const start = process.hrtime.bigint();
    const result = run();
    values.push(Number(process.hrtime.bigint() - start) / 1e6);
    after(result);
  }
  return median(values);
}

/** Returns the median of numbers. */
export function median(values) {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)];
}

/** Returns the rows of a call and its floor: what both take, and their ratio, with its goal if there is one. */
export async function against(name, calls, most, { floor, ours }, options) {
  const figures = await inTurn(calls, { [`floor of ${name}`]: floor, [name]: ours }, options);
  return [...figures.rows(), atMost(`${name}, ratio`, figures.ratio(name, `floor of ${name}`), most, 'x floor')];
}
