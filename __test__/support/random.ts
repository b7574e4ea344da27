// Repeatable randomness: a run prints its seed, and SHMKIT_TEST_SEED repeats it.
import { randomInt } from 'node:crypto';
import type { ExecutionContext } from 'ava';

/** Returns a source of random integers below a bound, from a seed that the test prints. */
export function seeded(t: ExecutionContext<unknown>): (below: number) => number {
  return generator(randomSeed(t));
}

/** Returns the seed and prints it. */
export function randomSeed(t: ExecutionContext<unknown>): number {
  const seed = Number(process.env['SHMKIT_TEST_SEED'] ?? randomInt(2 ** 31));
  t.log(`SHMKIT_TEST_SEED=${seed}`);
  return seed;
}

/** Returns a source of random integers below a bound, from this seed (mulberry32). */
export function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}
