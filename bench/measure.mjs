// Medians of things measured in turn, in one run: what slows the machine for a while slows all of them alike.
import { do_not_optimize, measure } from 'mitata';

const ROUNDS = 7;
const OPTIONS = { min_cpu_time: 40e6, warmup_samples: 4 };

/** Keeps the compiler from leaving out a call whose result nobody uses. */
export const keep = do_not_optimize;

/** Nanoseconds for each of the named functions: the median over rounds of the median of each round. */
export async function inTurn(functions) {
  const rounds = Object.fromEntries(Object.keys(functions).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, run] of Object.entries(functions)) {
      const { p50 } = await measure(run, OPTIONS);
      rounds[name].push(p50);
    }
  }
  return Object.fromEntries(Object.entries(rounds).map(([name, values]) => [name, median(values)]));
}

/** Milliseconds of `run`, the median of several; `after` clears up and is not counted. */
export function milliseconds(times, run, after) {
  const values = [];
  for (let time = 0; time < times; time += 1) {
    const start = process.hrtime.bigint();
    const result = run();
    values.push(Number(process.hrtime.bigint() - start) / 1e6);
    after(result);
  }
  return median(values);
}

/** The median of some numbers. */
export function median(values) {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)];
}
