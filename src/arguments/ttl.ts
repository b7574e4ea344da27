// Times to live: seconds in the public API, nanoseconds in the addon.
import { types } from 'node:util';
import { checkFinite } from './check.js';
import { timeOf, wallClock } from '../addon/intrinsics.js';
import { wrongType, wrongValue } from '../addon/errors.js';

/** No expiry. */
export const NEVER = 0;
/** Keeps the entry's expiry. */
export const KEEP = -1;
/** A point in time that is past: the entry is removed. */
export const PAST = -2;

/** 292 years. Longer times are cut to this, so that a deadline always fits into 64 bits. */
const LONGEST = 2 ** 63;

/** Converts a TTL from seconds to nanoseconds. A positive one never becomes 0. */
export function nanoseconds(name: string, seconds: unknown): number {
  const checked = checkFinite(name, seconds);
  if (checked <= 0) return NEVER;
  return Math.min(Math.max(Math.round(checked * 1e9), 1), LONGEST);
}

/** Converts a point in time, a `Date` or milliseconds since 1970, to nanoseconds from now, or `PAST`. */
export function nanosecondsUntil(name: string, time: unknown): number {
  const left = millisecondsSince1970(name, time) - wallClock();
  return left <= 0 ? PAST : Math.min(Math.max(Math.round(left * 1e6), 1), LONGEST);
}

/** Returns what is left, some nanoseconds later, of an expiry that `nanosecondsUntil` returned. */
export function leftAfter(elapsed: number, expiry: number): number {
  return expiry <= elapsed ? PAST : expiry - elapsed;
}

function millisecondsSince1970(name: string, time: unknown): number {
  if (types.isDate(time)) {
    const milliseconds = timeOf(time);
    if (Number.isNaN(milliseconds)) throw wrongValue(name, 'must be a valid Date', time);
    return milliseconds;
  }
  if (typeof time !== 'number') throw wrongType(name, 'a Date or a number of milliseconds since 1970', time);
  return checkFinite(name, time);
}
