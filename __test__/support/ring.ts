// Rings of one test, removed when it ends.
import type { ExecutionContext } from 'ava';
import { SharedRing } from 'shmkit';
import { nameFor } from './names';

/** Creates a ring of 64 KiB, or as the options say; closed and removed when the test ends. */
export function makeRing(t: ExecutionContext<unknown>, options: Parameters<typeof SharedRing.create>[1] = '64kb'): SharedRing {
  const ring = SharedRing.create(nameFor(t, SharedRing), options);
  t.teardown(() => ring.close());
  return ring;
}

/** Opens another handle on the same ring, closed when the test ends. */
export function openRing(t: ExecutionContext<unknown>, ring: SharedRing, options: Parameters<typeof SharedRing.open>[1] = {}): SharedRing {
  const other = SharedRing.open(ring.name, options);
  t.teardown(() => other.close());
  return other;
}

/** More messages than any ring of a test has room for. */
const MOST = 1_000_000;

/** Sends messages of this length until there is no room for another; returns how many were sent. */
export function fillUp(ring: SharedRing, length = 1000): number {
  let sent = 0;
  while (sent < MOST && ring.trySend(Buffer.alloc(length, sent))) sent += 1;
  return sent;
}

/** Returns messages as text. */
export function texts(messages: ReadonlyArray<Buffer | null>): string[] {
  return messages.map(String);
}
