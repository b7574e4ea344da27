// shmkit stat: the figures of one object.
import type { Command } from 'commander';
import type { ClassStats, Stats } from 'shmkit';
import { usage } from '../failure.js';
import { BYTES, figuresOf } from '../figures-of.js';
import { bytesText, percent } from '../format.js';
import { findOne, kindsOf, listAll } from '../kinds.js';
import { linesOfMetrics } from '../metrics.js';
import { act, declare, type Shell } from '../shell.js';
import { Unreadable } from '../unreadable.js';

interface Options {
  kind?: string;
  classes?: boolean;
  prometheus?: boolean;
}

export function addStat(program: Command): void {
  declare(program, 'stat [name]', 'show the figures of an object')
    .option('--kind <kind>', 'the kind, if objects of several kinds have the name')
    .option('--classes', 'show the size classes of a dictionary instead')
    .option('--prometheus', 'print metrics for Prometheus, without a name those of all objects')
    .action(act(stat));
}

async function stat(shell: Shell, { kind, classes = false, prometheus = false }: Options, name?: string): Promise<number | void> {
  const kinds = kindsOf(kind);
  if (name === undefined && !prometheus) throw usage('name an object, or use --prometheus for all of them');
  if (prometheus) {
    const unreadable = new Unreadable();
    for (const line of linesOfMetrics(shell, name === undefined ? listAll(shell, kinds) : [findOne(shell, name, kinds)], unreadable)) await shell.out.line(line);
    return unreadable.report();
  }
  const found = findOne(shell, name as string, kinds);
  const figures = figuresOf(shell, found);
  const { perClass, ...plain } = figures as Partial<Stats>;
  if (classes && perClass) return showClasses(shell, perClass);
  if (shell.out.json) return shell.out.document({ kind: found.kind.name, name, stale: found.stale, ...figures, processes: found.processes });
  const rows = [['kind', found.kind.name], ['name', found.name], ['stale', String(found.stale)], ...Object.entries(plain).map(([title, value]) => [title, String(value)]), ...ratios(plain), ['pids', found.processes.join(',')]];
  await shell.out.table(rows, [
    { title: 'FIGURE', text: ([title]) => title ?? '' },
    { title: 'VALUE', text: ([title, value]) => (BYTES.has(title ?? '') ? `${value} (${bytesText(Number(value))})` : (value ?? '')), plain: ([, value]) => value ?? '' },
  ]);
}

function ratios({ used, capacity, hits, misses }: Partial<Omit<Stats, 'perClass'>>): string[][] {
  return [
    ...(used !== undefined && capacity !== undefined ? [['fill', percent(used, capacity)]] : []),
    ...(hits !== undefined && misses !== undefined ? [['hitRatio', percent(hits, hits + misses)]] : []),
  ];
}

async function showClasses(shell: Shell, classes: readonly ClassStats[]): Promise<void> {
  if (shell.out.json) return shell.out.document(classes);
  await shell.out.table(classes, [
    { title: 'BLOCK', right: true, text: ({ blockSize }) => String(blockSize) },
    { title: 'PAGES', right: true, text: ({ pages }) => String(pages) },
    { title: 'USED', right: true, text: ({ used }) => String(used) },
    { title: 'FREE', right: true, text: ({ free }) => String(free) },
    { title: 'FILL', right: true, text: ({ used, free }) => percent(used, used + free) },
  ]);
}
