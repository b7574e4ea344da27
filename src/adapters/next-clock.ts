// The clock by which the caches of Next.js compare times.

/**
 * Next.js tells times in ms since 1970, but by a clock of each process: the wall clock at the start of the process, and what
 * passed since. Where the wall clock is set, or the machine sleeps, processes disagree with it and with each other. So what is
 * stored is told by the machine's own clock, which is the same for all processes and is never set.
 */
export function machineNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** How far the clock of Next.js in this process is ahead of the machine's. It does not change. */
const AHEAD = Math.max(...Array.from({ length: 8 }, ahead));

/** Returns that, less what passes between the two readings. */
function ahead(): number {
  return performance.timeOrigin + performance.now() - machineNow();
}

/** Returns a time of Next.js in this process by the machine's clock. */
export function toMachine(time: number): number {
  return time - AHEAD;
}

/** Returns a time of the machine's clock as Next.js in this process tells it. */
export function fromMachine(time: number): number {
  return time + AHEAD;
}
