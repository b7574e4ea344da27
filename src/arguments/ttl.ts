// Times to live: seconds in the public API, nanoseconds in the addon.
import { checkFinite } from './check.js';

/** No expiry. */
export const NEVER = 0;
/** Keeps the entry's expiry. */
export const KEEP = -1;

/** 292 years. Longer times are cut to this, so that a deadline always fits into 64 bits. */
const LONGEST = 2 ** 63;

/** Converts a TTL from seconds to nanoseconds. A positive one never becomes 0. */
export function nanoseconds(name: string, seconds: unknown): number {
  const checked = checkFinite(name, seconds);
  if (checked <= 0) return NEVER;
  return Math.min(Math.max(Math.round(checked * 1e9), 1), LONGEST);
}
