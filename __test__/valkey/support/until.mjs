// Waiting for conditions.
import { setTimeout as pause } from 'node:timers/promises';

/** Resolves when a condition holds. Rejects after a time that no machine needs. */
export async function until(condition, ms = 10_000, step = 5) {
  const end = performance.now() + ms;
  for (;;) {
    const result = await condition();
    if (result) return result;
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${condition}`);
    await pause(step);
  }
}
