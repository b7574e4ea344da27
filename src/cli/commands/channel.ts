// shmkit channel: the state of one channel.
import type { Command } from 'commander';
import { api } from '../api.js';
import { showFigures } from '../figures.js';
import { act, declare, type Shell } from '../shell.js';

export function addChannel(program: Command): void {
  declare(program, 'channel <name>', 'show the state of a channel').action(act(channel));
}

async function channel(shell: Shell, _: object, name: string): Promise<void> {
  const opened = api().SharedChannel.open(name, { ...shell.place, readOnly: true });
  const stats = opened.stats();
  opened.close();
  await showFigures(shell, stats, 'channel', name);
}
