// The first microseconds of a wait, in which it spins: it tries again once per turn of the event loop.
//
// Waking a sleeping thread takes 30 us and more, so whatever comes sooner is cheaper to poll for. Polling takes this
// thread's time, and gains nothing where other threads need the processor: so each failed spin makes the next one
// rarer, and each successful one makes it likelier.
import { clearImmediate, now, setImmediate } from '../addon/intrinsics.js';
import { native } from '../addon/native.js';

/** The result of an attempt that must be repeated. */
export const NOT_YET: unique symbol = Symbol('not yet');

/** How long a wait spins: as long as two processes take to wake each other, so that they can fall into step. */
const LONGEST_MS = 0.12;
/** Waits that do not spin after one failed spin; the number grows by this with each further one. */
const FIRST_REST = 16;
const LONGEST_REST = 64;

let rest = 0;
/** Waits left that do not spin. */
let left = 0;

/** Returns whether the next wait should spin. */
export function isSpinWorthwhile(): boolean {
  if (left === 0) return true;
  left -= 1;
  return false;
}

/** Calls `done` with the result of `attempt`, or with NOT_YET at the end of the spin. Returns a function that ends it early. */
export function spin(attempt: () => unknown, done: (outcome: unknown) => void): () => void {
  const end = now() + LONGEST_MS;
  const again = () => {
    const outcome = attempt();
    const isLate = now() >= end;
    if (outcome === NOT_YET && !isLate) {
      // The process that is waited for may need this processor.
      native.yieldProcessor();
      immediate = setImmediate(again);
      return;
    }
    adapt(isLate);
    done(outcome);
  };
  let immediate = setImmediate(again);
  return () => clearImmediate(immediate);
}

/** A success after the deadline counts as a failed spin: other threads had taken the processor. */
function adapt(isLate: boolean): void {
  rest = isLate ? Math.min(2 * rest + FIRST_REST, LONGEST_REST) : Math.max(rest - FIRST_REST, 0);
  left = isLate ? rest : 0;
}
