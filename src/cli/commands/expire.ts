// shmkit expire: sets when a key expires.
import type { Command } from 'commander';
import { openToWrite, using } from '../dict.js';
import { no } from '../failure.js';
import { secondsOf } from '../format.js';
import { act, declare, type Shell } from '../shell.js';

export function addExpire(program: Command): void {
  declare(program, 'expire <name> <key> <time>', 'let a key expire after a time, such as 90s, 10m or 2h, or never').action(act(expire));
}

async function expire(shell: Shell, _: object, name: string, key: string, time: string): Promise<void> {
  const seconds = time === 'never' ? 0 : secondsOf(time);
  const exists = await using(openToWrite(shell, name), (dict) => dict.expire(key, seconds));
  if (!exists) throw no(`there is no key "${key}" in "${name}"`);
  if (shell.out.json) await shell.out.document(exists);
}
