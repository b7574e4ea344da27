// Tables of locks, and other processes that have them open.
import type { ExecutionContext } from 'ava';
import { SharedLocks } from 'shmkit';
import { type Child, startChild } from './child';
import { nameFor } from './names';

/** Creates a table of locks for this test. */
export function makeLocks(t: ExecutionContext<unknown>, options: object = {}): SharedLocks {
  const locks = SharedLocks.openOrCreate(nameFor(t, SharedLocks), options);
  t.teardown(() => locks.close());
  return locks;
}

/** Starts another process that has it open. */
export async function startOther(t: ExecutionContext<unknown>, locks: SharedLocks): Promise<Child> {
  const child = startChild(t, 'locks', [locks.name]);
  await child.next();
  return child;
}
