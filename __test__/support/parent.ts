// Programs that run until they are killed: if the test itself was killed, no one else ends them.

const parent = process.ppid;

/** Returns whether the process that started this one is still there. */
export function hasParent(): boolean {
  return process.ppid === parent;
}
