// How long a process waits for the lock of another that is not stopped.

/** Seconds. On a busy machine, a process that holds a lock may not run for longer than the default `lockTimeout`. */
export const LONG_LOCK_TIMEOUT = 60;
