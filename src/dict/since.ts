// When the counters of a dictionary began.
import { wallTime } from '../object/wall-time.js';
import { bootClock } from './fast-calls.js';
import type { Stats } from './stats-types.js';

/** Milliseconds from the boot clock to 1970. Determined once, so that the same moment is told as the same number. */
let offset: number | undefined;

/** Converts `since`, which the addon returns in milliseconds of the boot clock, to milliseconds since 1970. */
export function withWallTime(stats: Stats): Stats {
  offset ??= wallTime(bootClock());
  stats.since = Math.round(stats.since + offset);
  return stats;
}
