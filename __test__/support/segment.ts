// Segments of one test, and other processes that have them open.
import type { ExecutionContext } from 'ava';
import { SharedSegment } from 'shmkit';
import { startChild, type Child } from './child';

/** Creates a segment without a name, closed when the test ends. */
export function makeSegment(t: ExecutionContext<unknown>, data: string | Uint8Array, capacity?: number): SharedSegment {
  const segment = SharedSegment.from(data, capacity);
  t.teardown(() => segment.close());
  return segment;
}

/** Another process that has the segment open. */
export interface Peer {
  readonly child: Child;
  /** Calls a method there; returns its result, or `{ thrown, message }`. */
  call(method: string, ...args: unknown[]): Promise<unknown>;
}

/** Starts a process that opens a segment by its name, or by what `share` returned. */
export async function startPeer(t: ExecutionContext<unknown>, where: unknown, options: object = {}): Promise<Peer> {
  const child = startChild(t, 'segment', [JSON.stringify(where), JSON.stringify(options)]);
  await child.next();
  return {
    child,
    call: async (method, ...args) => (await child.ask<{ result: unknown }>([method, ...args])).result,
  };
}
