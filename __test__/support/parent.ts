// For programs that run until they are killed: they end by themselves when their test was killed first.

const parent = process.ppid;

/** Returns whether the process that started this one is still alive. */
export function hasParent(): boolean {
  return process.ppid === parent;
}
