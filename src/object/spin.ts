// The first microseconds of a wait.
//
// To be woken costs two threads' sleeps, 30 us and more. What comes sooner is seen by looking for it, once in each turn of
// the event loop, which goes on as ever. That takes this thread's time, and where others want the processor it gains
// nothing: so each look in vain makes the next one rarer, and each that pays makes it likelier again.
import { clearImmediate, setImmediate } from 'node:timers';
import { native } from '../addon/native.js';

/** What an attempt gives that has to be made again. */
export const NOT_YET: unique symbol = Symbol('not yet');

/** How long a wait looks: as long as it takes two processes to wake each other, so that they can fall into step. */
const LONGEST_MS = 0.12;
/** Waits that do not look, after one has looked in vain; twice as many after the next. */
const FIRST_REST = 16;
const LONGEST_REST = 64;

let rest = 0;
/** Of the present rest. */
let left = 0;

/** Whether to look before waiting. */
export function isSpinWorthwhile(): boolean {
  if (left === 0) return true;
  left -= 1;
  return false;
}

/** Looks for what `attempt` gives, and calls `done` with it, or with NOT_YET at the end; how to end it before that. */
export function spin(attempt: () => unknown, done: (outcome: unknown) => void): () => void {
  const end = performance.now() + LONGEST_MS;
  const again = () => {
    const outcome = attempt();
    const isLate = performance.now() >= end;
    if (outcome === NOT_YET && !isLate) {
      // Who is to give it may be waiting for this very processor.
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

/** Late is also who found what he looked for after others had taken the processor from him. */
function adapt(isLate: boolean): void {
  rest = isLate ? Math.min(2 * rest + FIRST_REST, LONGEST_REST) : Math.max(rest - FIRST_REST, 0);
  left = isLate ? rest : 0;
}
