// How long processes wait for each other that none stops.

/** Seconds. On a busy machine, a process that holds a lock may not run for longer than the default `lockTimeout`. */
export const LONG_LOCK_TIMEOUT = 60;
