// Waiting for a point in time or for a condition.
import { setImmediate, setTimeout } from 'node:timers/promises';

/** Returns the seconds of a monotonic clock. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e9;
}

/** Waits until the clock has reached this reading. */
export async function reach(time: number): Promise<void> {
  for (let left = time - now(); left > 0; left = time - now()) {
    await setTimeout(Math.ceil(left * 1000));
  }
}

/** Waits until the condition holds; throws after `limit` seconds. */
export async function until(condition: () => boolean, limit = 30): Promise<void> {
  const end = now() + limit;
  while (!condition()) {
    if (now() > end) throw new Error(`not true within ${limit} s: ${condition}`);
    await setImmediate();
  }
}

/** Returns the shortest of several measurements: the one that other programs disturbed least. */
export function fastest(measure: () => number): number {
  return Math.min(...Array.from({ length: 5 }, measure));
}
