// shmkit ls: all objects.
import type { Command } from 'commander';
import type { Stats } from 'shmkit';
import { closing } from '../closing.js';
import { openToRead } from '../dict.js';
import { bytesText } from '../format.js';
import { globOf } from '../glob.js';
import { type Found, kindsOf, listAll } from '../kinds.js';
import type { Column } from '../output.js';
import { act, declare, type Shell } from '../shell.js';
import { Unreadable } from '../unreadable.js';

interface Options {
  kind?: string;
  bytes?: boolean;
  long?: boolean;
}

interface Row {
  readonly found: Found;
  readonly stats?: Stats;
}

export function addLs(program: Command): void {
  declare(program, 'ls [pattern]', 'list the objects whose names match a pattern with * and ?')
    .option('--kind <kinds>', 'only these kinds, separated by commas')
    .option('--bytes', 'print sizes in bytes')
    .option('--long', 'add the bytes in use of dictionaries, and process ids')
    .action(act(list));
}

async function list(shell: Shell, { kind, bytes = false, long = false }: Options, pattern?: string): Promise<number> {
  const matches = pattern === undefined ? () => true : globOf(pattern);
  const found = listAll(shell, kindsOf(kind)).filter(({ name }) => matches(name));
  const unreadable = new Unreadable();
  const rows = found.map((each): Row => ({ found: each, ...(long && { stats: statsOf(shell, each, unreadable) }) }));
  if (shell.out.json) {
    await shell.out.document(rows.map(({ found: each, stats }) => ({ ...each, kind: each.kind.name, ...(stats && { used: stats.used, free: stats.free }) })));
  } else await shell.out.table(rows, columns(bytes, long));
  return unreadable.report();
}

function statsOf(shell: Shell, found: Found, unreadable: Unreadable): Stats | undefined {
  if (found.kind.name !== 'dict') return undefined;
  return unreadable.read(found, () => closing(openToRead(shell, found.name), (dict) => dict.stats()));
}

function columns(bytes: boolean, long: boolean): Array<Column<Row>> {
  const size = (amount: number | undefined) => (amount === undefined ? '' : bytes ? String(amount) : bytesText(amount));
  return [
    { title: 'KIND', text: ({ found }) => found.kind.name },
    { title: 'NAME', text: ({ found }) => found.name },
    { title: 'SIZE', right: true, text: ({ found }) => size(found.size), plain: ({ found }) => plain(found.size) },
    ...(long ? [{ title: 'USED', right: true, text: ({ stats }: Row) => size(stats?.used), plain: ({ stats }: Row) => plain(stats?.used) }] : []),
    { title: 'ENTRIES', right: true, text: ({ found }) => plain(found.kind.entries(found)) },
    { title: 'PROCESSES', right: true, text: ({ found }) => (long ? found.processes.join(',') : String(found.processes.length)) },
    { title: 'STALE', text: ({ found }) => (found.stale ? 'stale' : '') },
  ];
}

function plain(amount: number | undefined): string {
  return amount === undefined ? '' : String(amount);
}
