// Points in time on the wall clock, from ages on the clock that all processes share.
import { wallClock } from '../addon/intrinsics.js';

/** Returns the milliseconds since 1970 at which something began that is `age` milliseconds old. */
export function wallTime(age: number): number {
  return Math.round(wallClock() - age);
}
