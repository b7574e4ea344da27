// shmkit sem: the state of one semaphore.
import type { Command } from 'commander';
import { api } from '../api.js';
import { showFigures } from '../figures.js';
import { act, declare, type Shell } from '../shell.js';

export function addSem(program: Command): void {
  declare(program, 'sem <name>', 'show the state of a semaphore').action(act(sem));
}

async function sem(shell: Shell, _: object, name: string): Promise<void> {
  const opened = api().SharedSemaphore.open(name, { ...shell.place, readOnly: true });
  const figures = { value: opened.value, reclaimed: opened.reclaimed, holders: opened.holders() };
  opened.close();
  await showFigures(shell, figures, 'semaphore', name);
}
