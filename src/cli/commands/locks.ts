// shmkit locks: the holders and waiters of a table of locks.
import type { Command } from 'commander';
import { api } from '../api.js';
import { timeText } from '../format.js';
import { act, declare, type Shell } from '../shell.js';

export function addLocks(program: Command): void {
  declare(program, 'locks <name>', 'show the held and pending requests of a table of locks').action(act(locks));
}

async function locks(shell: Shell, _: object, name: string): Promise<void> {
  const table = api().SharedLocks.open(name, { ...shell.place, readOnly: true });
  const { held, pending } = table.query();
  table.close();
  if (shell.out.json) return shell.out.document({ held, pending });
  const rows = [...held.map((lock) => ({ state: 'held', ...lock })), ...pending.map((lock) => ({ state: 'pending', ...lock }))];
  await shell.out.table(rows, [
    { title: 'STATE', text: ({ state }) => state },
    { title: 'MODE', text: ({ mode }) => mode },
    { title: 'PID', right: true, text: ({ pid }) => String(pid) },
    { title: 'SINCE', text: ({ since }) => timeText(since) },
    { title: 'NAME', text: (lock) => lock.name, cuts: true },
  ]);
}
