// shmkit keys: one key a line.
import type { Command } from 'commander';
import type { Dict } from '../api.js';
import { openToRead, using } from '../dict.js';
import { escapeText } from '../escape.js';
import { keyToJson } from '../dump-format.js';
import { bytesText, countOf, paddedEnd, paddedStart } from '../format.js';
import { globOf } from '../glob.js';
import { act, declare, type Shell } from '../shell.js';

interface Options {
  prefix?: string;
  match?: string;
  limit?: string;
  long?: boolean;
  raw?: boolean;
  null?: boolean;
}

export function addKeys(program: Command): void {
  declare(program, 'keys <name>', 'list the keys of a dictionary, in no particular order')
    .option('--prefix <prefix>', 'only keys that start with it')
    .option('--match <pattern>', 'only keys that match a pattern with * and ?')
    .option('--limit <n>', 'at most this many')
    .option('--long', 'add type, bytes, and seconds to live (0: never expires)')
    .option('--raw', 'print keys as they are, without escapes')
    .option('-0, --null', 'end each key with a zero byte instead of a line break, as they are')
    .action(act(keys));
}

async function keys(shell: Shell, options: Options, name: string): Promise<void> {
  const limit = options.limit === undefined ? Infinity : countOf(options.limit);
  const matches = options.match === undefined ? () => true : globOf(options.match);
  await using(openToRead(shell, name), async (dict) => {
    if (options.long && !shell.out.json && shell.out.options.headings) await shell.out.line(shell.out.terminal ? shell.out.bold(`${before('TYPE', 'SIZE', 'TTL')}KEY`) : 'TYPE\tSIZE\tTTL\tKEY');
    let count = 0;
    for (const key of dict.keys({ prefix: options.prefix })) {
      if (count >= limit) break;
      if (!matches(key)) continue;
      if (await print(shell, options, dict, key)) count += 1;
    }
  });
}

/** Returns false for a key that is gone by now. */
async function print(shell: Shell, { long = false, raw = false, null: zero = false }: Options, dict: Dict, key: string): Promise<boolean> {
  if (!long) {
    if (shell.out.json) await shell.out.document(keyToJson(key));
    else await shell.out.write(zero ? `${key}\0` : `${raw ? key : escapeText(key)}\n`);
    return true;
  }
  const [type, size, ttl] = [dict.type(key), dict.sizeOf(key), dict.ttl(key)];
  if (type === undefined || size === undefined || ttl === undefined) return false;
  if (shell.out.json) await shell.out.document({ key: keyToJson(key), type, size, ttl });
  else {
    const figures = shell.out.terminal ? before(type, bytesText(size), secondsLeft(ttl)) : `${type}\t${size}\t${secondsLeft(ttl)}\t`;
    await shell.out.write(`${figures}${zero ? `${key}\0` : `${raw ? key : escapeText(key)}\n`}`);
  }
  return true;
}

function secondsLeft(ttl: number): string {
  return ttl === 0 ? '0' : ttl.toFixed(3);
}

/** Returns what a terminal shows before a key. The keys to come are not known, so the widths are those of all figures. */
function before(type: string, size: string, ttl: string): string {
  return [paddedEnd(type, 7), paddedStart(size, 8), paddedStart(ttl, 11), ''].join('  ');
}
