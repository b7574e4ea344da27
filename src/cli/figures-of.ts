// The figures of objects of all kinds.
import type { ListedMutex, ListedQueue } from 'shmkit';
import { api } from './api.js';
import { closing } from './closing.js';
import { openToRead } from './dict.js';
import { timeText } from './format.js';
import type { Found } from './kinds.js';
import type { Shell } from './shell.js';

/** Figures that are bytes. */
export const BYTES: ReadonlySet<string> = new Set(['size', 'maxSize', 'capacity', 'used', 'free']);

/** Returns the figures of an object. */
export function figuresOf(shell: Shell, found: Found): object {
  return FIGURES[found.kind.name]?.(shell, found) ?? {};
}

/** The maximum of an object that grows. */
function maximum({ maxSize }: Partial<ListedQueue>): { maxSize?: number } {
  return maxSize === undefined ? {} : { maxSize };
}

const FIGURES: Record<string, (shell: Shell, found: Found) => object> = {
  dict(shell, { name }) {
    const { since, ...stats } = closing(openToRead(shell, name), (dict) => dict.stats());
    return { ...stats, since: timeText(since) };
  },
  channel: (shell, { name }) => closing(api().SharedChannel.open(name, readOnly(shell)), (channel) => channel.stats()),
  queue: (shell, { name, size, processes, ...listed }) => ({
    size,
    ...maximum(listed),
    ...closing(api().SharedQueue.open(name, readOnly(shell)), (queue) => queue.stats()),
    processes: processes.length,
  }),
  ring(shell, { name }) {
    const { takeovers, ...stats } = closing(api().SharedRing.open(name, readOnly(shell)), (ring) => ring.stats());
    return { ...stats, senderTakeovers: takeovers.senders, receiverTakeovers: takeovers.receivers };
  },
  segment: (shell, { name, processes }) =>
    closing(api().SharedSegment.open(name, readOnly(shell)), (segment) => ({ size: segment.size, capacity: segment.capacity, processes: processes.length })),
  semaphore: (shell, { name, size, processes }) =>
    closing(api().SharedSemaphore.open(name, readOnly(shell)), (semaphore) => ({ size, value: semaphore.value, reclaimed: semaphore.reclaimed, processes: processes.length })),
  mutex(shell, { name, size, processes, ...listed }) {
    const holder = closing(api().SharedMutex.open(name, readOnly(shell)), (mutex) => mutex.holder);
    return { size, locked: (listed as Partial<ListedMutex>).locked, ...(holder && { holder: holder.pid, since: timeText(holder.since) }), processes: processes.length };
  },
  locks: (shell, { name, size, processes, kind, ...listed }) => ({
    size,
    requests: kind.entries({ name, size, processes, ...listed }),
    ...closing(api().SharedLocks.open(name, readOnly(shell)), (locks) => {
      const { held, pending } = locks.query();
      return { held: held.length, pending: pending.length };
    }),
    processes: processes.length,
  }),
};

function readOnly({ place }: Shell): object {
  return { ...place, readOnly: true };
}
