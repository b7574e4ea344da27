// shmkit ring: the state of one ring.
import type { Command } from 'commander';
import { api } from '../api.js';
import { showFigures } from '../figures.js';
import { act, declare, type Shell } from '../shell.js';

export function addRing(program: Command): void {
  declare(program, 'ring <name>', 'show the state of a ring; takes no message').action(act(ring));
}

async function ring(shell: Shell, _: object, name: string): Promise<void> {
  const opened = api().SharedRing.open(name, { ...shell.place, readOnly: true });
  const { takeovers, ...stats } = opened.stats();
  opened.close();
  await showFigures(shell, { ...stats, senderTakeovers: takeovers.senders, receiverTakeovers: takeovers.receivers }, 'ring', name);
}
