// shmkit del: removes keys.
import type { Command } from 'commander';
import { openToWrite, using } from '../dict.js';
import { EXIT, usage } from '../failure.js';
import { act, declare, type Shell } from '../shell.js';

interface Options {
  prefix?: string;
}

export function addDel(program: Command): void {
  declare(program, 'del <name> [keys...]', 'remove keys, and print how many there were')
    .option('--prefix <prefix>', 'remove all keys that start with it')
    .action(act(del));
}

async function del(shell: Shell, { prefix }: Options, name: string, keys: string[]): Promise<number> {
  if ((prefix === undefined) === (keys.length === 0)) throw usage('name the keys, or give --prefix');
  if (prefix === '') throw usage('the prefix is empty');
  const removed = await using(openToWrite(shell, name), (dict) => (prefix === undefined ? dict.deleteMany(keys) : dict.deletePrefix(prefix)));
  await (shell.out.json ? shell.out.document(removed) : shell.out.line(String(removed)));
  return removed > 0 ? EXIT.done : EXIT.no;
}
