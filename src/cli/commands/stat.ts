// shmkit stat: the figures of one object.
import type { Command } from 'commander';
import type { ClassStats, ListedMutex, Stats } from 'shmkit';
import { api } from '../api.js';
import { openToRead, using } from '../dict.js';
import { bytesText, percent, timeText } from '../format.js';
import { type Found, findOne, kindsOf } from '../kinds.js';
import { act, declare, type Shell } from '../shell.js';

interface Options {
  kind?: string;
  classes?: boolean;
  prometheus?: boolean;
}

export function addStat(program: Command): void {
  declare(program, 'stat <name>', 'show the figures of an object')
    .option('--kind <kind>', 'the kind, if objects of several kinds have the name')
    .option('--classes', 'show the size classes of a dictionary instead')
    .option('--prometheus', 'print them as metrics for Prometheus')
    .action(act(stat));
}

async function stat(shell: Shell, { kind, classes = false, prometheus = false }: Options, name: string): Promise<void> {
  const found = findOne(shell, name, kindsOf(kind));
  const figures = await figuresOf(shell, found);
  const { perClass, ...plain } = figures as Partial<Stats>;
  if (prometheus) return metrics(shell, found, plain);
  if (classes && perClass) return showClasses(shell, perClass);
  if (shell.out.json) return shell.out.document({ kind: found.kind.name, name, stale: found.stale, ...figures, processes: found.processes });
  const rows = [['kind', found.kind.name], ['name', name], ['stale', String(found.stale)], ...Object.entries(plain).map(([title, value]) => [title, String(value)]), ...ratios(plain), ['pids', found.processes.join(',')]];
  await shell.out.table(rows, [
    { title: 'FIGURE', text: ([title]) => title ?? '' },
    { title: 'VALUE', text: ([title, value]) => (BYTES.has(title ?? '') ? `${value} (${bytesText(Number(value))})` : (value ?? '')), plain: ([, value]) => value ?? '' },
  ]);
}

const BYTES = new Set(['size', 'capacity', 'used', 'free']);

async function figuresOf(shell: Shell, { kind, name, size, processes, ...listed }: Found): Promise<object> {
  const options = { ...shell.place, readOnly: true };
  switch (kind.name) {
    case 'dict':
      return using(openToRead(shell, name), (dict) => dict.stats());
    case 'channel': {
      const channel = api().SharedChannel.open(name, options);
      const stats = channel.stats();
      channel.close();
      return stats;
    }
    case 'queue': {
      const queue = api().SharedQueue.open(name, options);
      const stats = queue.stats();
      queue.close();
      return { size, ...stats, processes: processes.length };
    }
    case 'ring': {
      const ring = api().SharedRing.open(name, options);
      const { takeovers, ...stats } = ring.stats();
      ring.close();
      return { ...stats, senderTakeovers: takeovers.senders, receiverTakeovers: takeovers.receivers };
    }
    case 'segment': {
      const segment = api().SharedSegment.open(name, options);
      const figures = { size: segment.size, capacity: segment.capacity, processes: processes.length };
      segment.close();
      return figures;
    }
    case 'semaphore': {
      const semaphore = api().SharedSemaphore.open(name, options);
      const figures = { size, value: semaphore.value, reclaimed: semaphore.reclaimed, processes: processes.length };
      semaphore.close();
      return figures;
    }
    case 'mutex': {
      const mutex = api().SharedMutex.open(name, options);
      const { holder } = mutex;
      mutex.close();
      return { size, locked: (listed as Partial<ListedMutex>).locked, ...(holder && { holder: holder.pid, since: timeText(holder.since) }), processes: processes.length };
    }
    default: {
      const { stale: _, ...rest } = listed;
      return { size, ...rest, processes: processes.length };
    }
  }
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

/** Figures that only grow; all others are gauges. */
const COUNTERS = new Set(['hits', 'misses', 'sets', 'deletes', 'evictions', 'expired', 'lockWaits', 'recoveries', 'sent', 'received', 'posted', 'takeovers', 'pushed', 'done', 'failed', 'returned', 'senderTakeovers', 'receiverTakeovers', 'reclaimed']);

async function metrics(shell: Shell, { kind, name }: Found, figures: object): Promise<void> {
  for (const [title, value] of Object.entries(figures)) {
    if (!['number', 'boolean'].includes(typeof value)) continue;
    const snake = title.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const isCounter = COUNTERS.has(title);
    const metric = `shmkit_${snake}${isCounter ? '_total' : BYTES.has(title) ? '_bytes' : ''}`;
    await shell.out.line(`# TYPE ${metric} ${isCounter ? 'counter' : 'gauge'}`);
    await shell.out.line(`${metric}{kind="${kind.name}",name="${name}"} ${Number(value)}`);
  }
}
