// The options of `throttle`.
import { checkFinite, checkInteger } from '../arguments/check.js';
import { checkOptions, type OptionNames } from '../arguments/options.js';
import { outOfRange } from '../addon/errors.js';
import type { ThrottleOptions } from './throttle-types.js';

const THROTTLE_NAMES: OptionNames<ThrottleOptions> = { limit: true, window: true, burst: true, cost: true };

/** The checked options; `window` is in nanoseconds. */
export interface RateLimit {
  limit: number;
  window: number;
  burst: number;
  cost: number;
}

/** A year, in seconds. */
const LONGEST_WINDOW = 31_536_000;
/** The times of faster limits would differ by less than the clock can tell. */
const MOST_PER_SECOND = 1_000_000;

// What was checked last. Most programs pass the same options again and again, and checking them takes longer than deciding.
let names: readonly string[] = [];
let given: Partial<ThrottleOptions> = {};
let checked: RateLimit | undefined;

/** Checks the options of `throttle`. */
export function rateLimit(argument: unknown): RateLimit {
  if (checked && typeof argument === 'object' && argument !== null && isAsBefore(argument)) return checked;
  const options = checkOptions('options', argument, THROTTLE_NAMES);
  const all: string[] = [];
  for (const name in options) all.push(name);
  const { limit, window, burst, cost } = options;
  const values = { limit, window, burst, cost };
  const result = check(values);
  [names, given, checked] = [all, values, result];
  return result;
}

function isAsBefore(options: Partial<ThrottleOptions>): boolean {
  let count = 0;
  for (const name in options) {
    if (name !== names[count]) return false;
    count += 1;
  }
  return count === names.length && options.limit === given.limit && options.window === given.window && options.burst === given.burst && options.cost === given.cost;
}

function check(options: Partial<ThrottleOptions>): RateLimit {
  const limit = checkInteger('options.limit', options.limit, 1);
  const window = checkFinite('options.window', options.window);
  if (window <= 0 || window > LONGEST_WINDOW) throw outOfRange('options.window', `> 0 and <= ${LONGEST_WINDOW} seconds`, window);
  if (limit > window * MOST_PER_SECOND) throw outOfRange('options.limit', `at most ${MOST_PER_SECOND} for each second of the window`, limit);
  const burst = options.burst === undefined ? limit : checkInteger('options.burst', options.burst, 1);
  const cost = options.cost === undefined ? 1 : checkInteger('options.cost', options.cost, 0);
  if (cost > burst) throw outOfRange('options.cost', `at most the burst of ${burst}`, cost);
  return { limit, window: Math.max(Math.round(window * 1e9), 1), burst, cost };
}
