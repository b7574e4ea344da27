// shmkit incr: adds to a number.
import type { Command } from 'commander';
import { openToWrite, using } from '../dict.js';
import { no, usage } from '../failure.js';
import { secondsOf } from '../format.js';
import { act, declare, type Shell } from '../shell.js';
import { bigintOf } from './set.js';

interface Options {
  init?: string;
  ttl?: string;
}

export function addIncr(program: Command): void {
  declare(program, 'incr <name> <key> [delta]', 'add to a number or bigint (default 1) and print the result')
    .option('--init <n>', 'assume this value if the key is missing; with an n at the end, a bigint')
    .option('--ttl <time>', 'let it expire after a time')
    .addHelpText('after', '\nA negative number goes after --: shmkit incr counters visits -- -1')
    .action(act(incr));
}

async function incr(shell: Shell, { init, ttl }: Options, name: string, key: string, delta = '1'): Promise<void> {
  const result = await using(openToWrite(shell, name), (dict) => {
    const stored = dict.type(key);
    const isBigint = stored === undefined ? (init ?? '').endsWith('n') : stored === 'bigint';
    const expiry = ttl === undefined ? {} : { ttl: secondsOf(ttl) };
    if (isBigint) return dict.incr(key, bigintOf(delta), { ...expiry, ...(init !== undefined && { init: bigintOf(init) }) });
    return dict.incr(key, numberOf(delta), { ...expiry, ...(init !== undefined && { init: numberOf(init) }) });
  });
  if (result === undefined) throw no(`there is no key "${key}" in "${name}": --init creates it`);
  await (shell.out.json ? shell.out.document(result) : shell.out.line(String(result)));
}

function numberOf(text: string): number {
  if (text.trim() === '' || !Number.isFinite(Number(text))) throw usage(`"${text}" is not a number`);
  return Number(text);
}
