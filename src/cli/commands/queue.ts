// shmkit queue: the state of one queue, and its claims.
import type { Command } from 'commander';
import { api } from '../api.js';
import { closing } from '../closing.js';
import { showFigures } from '../figures.js';
import { timeText } from '../format.js';
import { act, declare, type Shell } from '../shell.js';

export function addQueue(program: Command): void {
  declare(program, 'queue <name>', 'show the state of a queue, or its claims; claims no job')
    .option('--claims', 'show which process works on which job, since when, and at which attempt')
    .action(act(queue));
}

async function queue(shell: Shell, { claims }: { readonly claims?: boolean }, name: string): Promise<void> {
  const found = closing(api().SharedQueue.open(name, { ...shell.place, readOnly: true }), (opened) => ({
    stats: opened.stats(),
    claims: claims || shell.out.json ? opened.claims({ peek: true }) : [],
  }));
  if (!claims) return showFigures(shell, shell.out.json ? { ...found.stats, claims: found.claims } : found.stats, 'queue', name);
  if (shell.out.json) return shell.out.document(found.claims);
  await shell.out.table(found.claims, [
    { title: 'PID', right: true, text: ({ pid }) => String(pid) },
    { title: 'SINCE', text: ({ since }) => timeText(since) },
    { title: 'ATTEMPT', right: true, text: ({ attempts }) => String(attempts) },
    { title: 'JOB', text: ({ id }) => id, cuts: true },
  ]);
}
