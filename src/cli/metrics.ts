// The figures of objects as metrics in the text format of Prometheus.
import type { ClassStats } from 'shmkit';
import { BYTES, figuresOf } from './figures-of.js';
import type { Found } from './kinds.js';
import type { Shell } from './shell.js';
import type { Unreadable } from './unreadable.js';

/** Figures that only grow; all others are gauges. */
const COUNTERS = new Set(['hits', 'misses', 'sets', 'deletes', 'evictions', 'expired', 'lockWaits', 'recoveries', 'grown', 'sent', 'received', 'posted', 'takeovers', 'pushed', 'done', 'failed', 'returned', 'senderTakeovers', 'receiverTakeovers', 'reclaimed']);
/** Numbers that name something instead of counting it. */
const NAMES = new Set(['holder']);

interface Metric {
  readonly type: 'counter' | 'gauge';
  readonly samples: string[];
}

/** Returns the lines for these objects. All samples of a metric come together, as the format asks. */
export function linesOfMetrics(shell: Shell, objects: readonly Found[], unreadable: Unreadable): string[] {
  const metrics = new Map<string, Metric>();
  for (const found of objects) {
    const figures = unreadable.read(found, () => figuresOf(shell, found));
    if (figures === undefined) continue;
    const { perClass, ...plain } = figures as { perClass?: ClassStats[] };
    const labels = `kind="${found.kind.name}",name="${found.name}"`;
    add(metrics, 'shmkit_stale', 'gauge', labels, Number(found.stale));
    for (const [title, value] of Object.entries(plain)) addFigure(metrics, title, value, labels);
    for (const { blockSize, pages, used, free } of perClass ?? []) {
      const ofClass = `${labels},block="${blockSize}"`;
      add(metrics, 'shmkit_class_pages', 'gauge', ofClass, pages);
      add(metrics, 'shmkit_class_used_bytes', 'gauge', ofClass, used * blockSize);
      add(metrics, 'shmkit_class_free_bytes', 'gauge', ofClass, free * blockSize);
    }
  }
  return [...metrics].flatMap(([name, { type, samples }]) => [`# TYPE ${name} ${type}`, ...samples]);
}

function addFigure(metrics: Map<string, Metric>, title: string, value: unknown, labels: string): void {
  if (!['number', 'boolean'].includes(typeof value) || NAMES.has(title)) return;
  const snake = title.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const isCounter = COUNTERS.has(title);
  add(metrics, `shmkit_${snake}${isCounter ? '_total' : BYTES.has(title) ? '_bytes' : ''}`, isCounter ? 'counter' : 'gauge', labels, Number(value));
}

function add(metrics: Map<string, Metric>, name: string, type: Metric['type'], labels: string, value: number): void {
  const metric = metrics.get(name) ?? { type, samples: [] };
  metric.samples.push(`${name}{${labels}} ${value}`);
  metrics.set(name, metric);
}
