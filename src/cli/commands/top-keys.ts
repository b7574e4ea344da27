// shmkit top-keys: what takes the room.
import type { Command } from 'commander';
import { openToRead, using } from '../dict.js';
import { keyToJson } from '../dump-format.js';
import { usage } from '../failure.js';
import { bytesText, countOf, secondsOf } from '../format.js';
import { Hottest } from '../hottest.js';
import { Largest } from '../largest.js';
import { listen } from '../listening.js';
import { Prefixes } from '../prefixes.js';
import { mostRead, unsampled } from '../reads.js';
import { act, declare, type Shell } from '../shell.js';

interface Options {
  by: string;
  limit: string;
  separator: string;
  for: string;
}

export function addTopKeys(program: Command): void {
  declare(program, 'top-keys <name>', 'show the keys, or prefixes of keys, that take the most memory')
    .option('--by <what>', 'size: single keys; prefix: all keys with the same first part; writes, reads: the keys that change or are read most', 'size')
    .option('--limit <n>', 'show this many', '20')
    .option('--separator <text>', 'what ends a prefix', ':')
    .option('--for <time>', 'with --by writes: how long to count, open for writing as shmkit watch', '5s')
    .action(act(topKeys));
}

async function topKeys(shell: Shell, { by, limit, separator, for: time }: Options, name: string): Promise<number | void> {
  if (by === 'size') return bySize(shell, name, countOf(limit));
  if (by === 'reads') return byReads(shell, name, countOf(limit));
  if (by === 'writes') return byWrites(shell, name, countOf(limit), secondsOf(time));
  if (by !== 'prefix') throw usage(`--by is size, prefix, writes or reads; not "${by}"`);
  if (separator === '') throw usage('the separator is empty');
  return byPrefix(shell, name, countOf(limit), separator);
}

async function bySize(shell: Shell, name: string, limit: number): Promise<void> {
  const rows = await using(openToRead(shell, name), (dict) => {
    const largest = new Largest<string>(limit);
    for (const key of dict.keys()) largest.add(key, dict.sizeOf(key) ?? 0);
    return largest.ranked().map(({ item: key, size }) => ({ key, size, type: dict.type(key) ?? '' }));
  });
  if (shell.out.json) return shell.out.document(rows.map(({ key, ...row }) => ({ key: keyToJson(key), ...row })));
  await shell.out.table(rows, [
    { title: 'SIZE', right: true, text: ({ size }) => bytesText(size), plain: ({ size }) => String(size) },
    { title: 'TYPE', text: ({ type }) => type },
    { title: 'KEY', text: ({ key }) => key, cuts: true },
  ]);
}

async function byPrefix(shell: Shell, name: string, limit: number, separator: string): Promise<void> {
  const prefixes = new Prefixes(separator);
  await using(openToRead(shell, name), (dict) => {
    for (const key of dict.keys()) prefixes.add(key, dict.sizeOf(key) ?? 0);
  });
  const rows = prefixes.largest(limit);
  if (shell.out.json) return shell.out.document(rows.map(({ prefix, ...row }) => ({ prefix: keyToJson(prefix), ...row })));
  await shell.out.table(rows, [
    { title: 'SIZE', right: true, text: ({ bytes }) => bytesText(bytes), plain: ({ bytes }) => String(bytes) },
    { title: 'KEYS', right: true, text: ({ keys }) => String(keys) },
    { title: 'PREFIX', text: ({ prefix }) => prefix || '(none)', plain: ({ prefix }) => prefix, cuts: true },
  ]);
}

/** Shows what processes have sampled that were told to. */
async function byReads(shell: Shell, name: string, limit: number): Promise<void> {
  openToRead(shell, name).close();
  const rows = await mostRead(shell, name, limit);
  if (rows === undefined) throw unsampled(name);
  if (shell.out.json) return shell.out.document(rows.map(({ key, ...row }) => ({ key: keyToJson(key), ...row })));
  await shell.out.table(rows, [
    { title: 'READS', right: true, text: ({ reads }) => String(reads) },
    { title: 'KEY', text: ({ key }) => key, cuts: true },
  ]);
}

/** Counts the changes that a watcher hears. */
async function byWrites(shell: Shell, name: string, limit: number, seconds: number): Promise<number> {
  const hottest = new Hottest();
  let missed = 0;
  const exitCode = await listen(shell, name, seconds, ({ key, missed: lost = 0 }) => {
    if (key !== undefined) hottest.add(key);
    missed += lost;
  });
  if (missed > 0) shell.note(`shmkit: ${missed} changes were too fast to be heard: the counts are those of ${hottest.total} others`);
  const rows = hottest.ranked(limit);
  if (shell.out.json) await shell.out.document(rows.map(({ key, ...row }) => ({ key: keyToJson(key), ...row })));
  else {
    await shell.out.table(rows, [
      { title: 'WRITES', right: true, text: ({ count }) => String(count) },
      // By how much the number may be too high.
      { title: 'ERROR', right: true, text: ({ error }) => String(error) },
      { title: 'KEY', text: ({ key }) => key, cuts: true },
    ]);
  }
  return exitCode;
}
