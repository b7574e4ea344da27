// Times to live: seconds outside, nanoseconds inside.
import { checkFinite } from './check.js';

/** No expiry. */
export const NEVER = 0;
/** The expiry that is there stays. */
export const KEEP = -1;

/** 292 years: what is longer counts as this, so that a deadline always fits 64 bits. */
const LONGEST = 2 ** 63;

/** Nanoseconds of a TTL in seconds; what is too short to measure is still a TTL. */
export function nanoseconds(name: string, seconds: unknown): number {
  const checked = checkFinite(name, seconds);
  if (checked <= 0) return NEVER;
  return Math.min(Math.max(Math.round(checked * 1e9), 1), LONGEST);
}
