// shmkit del: removes keys.
import type { Command } from 'commander';
import type { Dict } from '../api.js';
import { openToWrite, using } from '../dict.js';
import { EXIT, usage } from '../failure.js';
import { act, declare, type Shell } from '../shell.js';

const BATCH = 1000;

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
  const removed = await using(openToWrite(shell, name), (dict) => (prefix === undefined ? dict.deleteMany(keys) : deletePrefix(dict, prefix)));
  await (shell.out.json ? shell.out.document(removed) : shell.out.line(String(removed)));
  return removed > 0 ? EXIT.done : EXIT.no;
}

function deletePrefix(dict: Dict, prefix: string): number {
  let removed = 0;
  let batch: string[] = [];
  for (const key of dict.keys({ prefix })) {
    batch.push(key);
    if (batch.length < BATCH) continue;
    removed += dict.deleteMany(batch);
    batch = [];
  }
  return removed + dict.deleteMany(batch);
}
