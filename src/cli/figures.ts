// The figures of one object as a table of two columns.
import { api } from './api.js';
import type { Shell } from './shell.js';

/** Prints figures, and the processes that have the object open for writing. */
export async function showFigures(shell: Shell, figures: object, kind: 'channel' | 'queue' | 'ring' | 'semaphore', name: string): Promise<void> {
  const { SharedChannel, SharedQueue, SharedRing, SharedSemaphore } = api();
  const pids = { channel: SharedChannel, queue: SharedQueue, ring: SharedRing, semaphore: SharedSemaphore }[kind].list(shell.place).find((listed) => listed.name === name)?.processes ?? [];
  if (shell.out.json) return shell.out.document({ name, ...figures, processes: pids });
  await shell.out.table([...Object.entries(figures).map(([title, value]) => [title, textOf(value)]), ['pids', pids.join(',')]], [
    { title: 'FIGURE', text: ([title]) => title ?? '' },
    { title: 'VALUE', text: ([, value]) => value ?? '' },
  ]);
}

/** Holders of permits are written as pid:permits. */
function textOf(value: unknown): string {
  if (!Array.isArray(value)) return String(value);
  return (value as Array<{ pid: number; permits: number }>).map(({ pid, permits }) => `${pid}:${permits}`).join(',');
}
