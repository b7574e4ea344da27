// shmkit queue: the state of one queue.
import type { Command } from 'commander';
import { api } from '../api.js';
import { showFigures } from '../figures.js';
import { act, declare, type Shell } from '../shell.js';

export function addQueue(program: Command): void {
  declare(program, 'queue <name>', 'show the state of a queue; claims no job').action(act(queue));
}

async function queue(shell: Shell, _: object, name: string): Promise<void> {
  const opened = api().SharedQueue.open(name, { ...shell.place, readOnly: true });
  const stats = opened.stats();
  opened.close();
  await showFigures(shell, stats, 'queue', name);
}
