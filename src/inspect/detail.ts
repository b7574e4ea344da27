// One object: its figures, and which processes hold it or wait for it.
import { api } from '../cli/api.js';
import { closing } from '../cli/closing.js';
import { openToRead } from '../cli/dict.js';
import { findOne, kindsOf } from '../cli/kinds.js';
import type { Shell } from '../cli/shell.js';
import { Effort } from './effort.js';
import { summaryOf } from './objects.js';
import { textOf } from './parameters.js';
import type { Read } from './routes.js';

/** Shown of a table of locks, or of a queue's claims. */
const MOST_ROWS = 500;

export const detailOf: Read = ({ shell }, parameters) => {
  const effort = new Effort();
  const [kind, name] = [textOf(parameters, 'kind'), textOf(parameters, 'name')];
  const found = findOne(shell, name, kindsOf(kind));
  const read = DETAILS[found.kind.name];
  const detail = read?.(shell, name);
  return { ...summaryOf(found), ...detail, ...effort.spent() };
};

type Detail = (shell: Shell, name: string) => object;

const DETAILS: Record<string, Detail> = {
  dict: (shell, name) => closing(openToRead(shell, name), (dict) => ({ path: dict.path, figures: dict.stats() })),
  channel: (shell, name) => closing(api().SharedChannel.open(name, readOnly(shell)), (channel) => ({ path: channel.path, figures: channel.stats() })),
  queue: (shell, name) =>
    closing(api().SharedQueue.open(name, readOnly(shell)), (queue) => {
      const claims = queue.claims({ peek: true });
      return { path: queue.path, figures: queue.stats(), claims: claims.slice(0, MOST_ROWS), more: Math.max(0, claims.length - MOST_ROWS) };
    }),
  ring: (shell, name) =>
    closing(api().SharedRing.open(name, readOnly(shell)), (ring) => {
      const { takeovers, ...figures } = ring.stats();
      return { path: ring.path, figures: { ...figures, takeovers: takeovers.senders + takeovers.receivers } };
    }),
  segment: (shell, name) => closing(api().SharedSegment.open(name, readOnly(shell)), (segment) => ({ path: segment.path, figures: { size: segment.size, capacity: segment.capacity } })),
  semaphore: (shell, name) =>
    closing(api().SharedSemaphore.open(name, readOnly(shell)), (semaphore) => ({
      path: semaphore.path,
      figures: { value: semaphore.value, reclaimed: semaphore.reclaimed },
      holders: semaphore.holders(),
    })),
  mutex: (shell, name) => closing(api().SharedMutex.open(name, readOnly(shell)), (mutex) => ({ path: mutex.path, holder: mutex.holder })),
  locks: (shell, name) =>
    closing(api().SharedLocks.open(name, readOnly(shell)), (locks) => {
      const { held, pending } = locks.query();
      const more = Math.max(0, held.length - MOST_ROWS) + Math.max(0, pending.length - MOST_ROWS);
      return { path: locks.path, figures: { held: held.length, pending: pending.length }, held: held.slice(0, MOST_ROWS), pending: pending.slice(0, MOST_ROWS), more };
    }),
};

function readOnly({ place }: Shell): object {
  return { ...place, readOnly: true };
}
