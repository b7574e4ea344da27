// The table of all objects, in 80 columns.
import { bytesText, cut, shortCount } from '../format.js';
import { compareText, inOrder } from '../order.js';
import type { Column, Output } from '../output.js';
import type { Sample } from './sampler.js';

export interface Sort {
  readonly key: string;
  readonly title: string;
  readonly compare: (a: Sample, b: Sample) => number;
}

const by = (figure: (sample: Sample) => number) => (a: Sample, b: Sample) => figure(b) - figure(a);

/** The orders, with the keys that choose them; the largest first. */
export const SORTS: readonly Sort[] = [
  { key: 'g', title: 'reads', compare: by(({ rates }) => rates?.gets ?? 0) },
  { key: 'w', title: 'writes', compare: by(({ rates }) => rates?.sets ?? 0) },
  { key: 'e', title: 'entries', compare: by(({ entries }) => entries ?? 0) },
  { key: 'b', title: 'size', compare: by(({ size }) => size) },
  { key: 'f', title: 'fill', compare: by(fillOf) },
  { key: 'n', title: 'name', compare: (a, b) => compareText(a.name, b.name) },
];

const NAME = 21;

const COLUMNS: ReadonlyArray<Column<Sample>> = [
  { title: 'KIND', text: ({ kind }) => kind.slice(0, 9) },
  { title: 'NAME', text: ({ name }) => cut(name, NAME), plain: ({ name }) => name },
  { title: 'SIZE', right: true, text: ({ size }) => bytesText(size).replace(' ', '').replace(/i?B$/, ''), plain: ({ size }) => String(size) },
  { title: 'FILL', right: true, text: ({ stats }) => (stats ? `${Math.round((100 * stats.used) / stats.capacity)}%` : '') },
  { title: 'ENTR', right: true, text: ({ entries }) => (entries === undefined ? '' : shortCount(entries)), plain: ({ entries }) => String(entries ?? '') },
  { title: 'GET/s', right: true, text: ({ rates }) => rateText(rates?.gets) },
  { title: 'HIT', right: true, text: ({ rates }) => (rates && rates.gets > 0 ? `${Math.round((100 * rates.hits) / rates.gets)}%` : '') },
  { title: 'SET/s', right: true, text: ({ rates }) => rateText(rates?.sets) },
  { title: 'EVI/s', right: true, text: ({ rates }) => rateText(rates?.evictions) },
  { title: 'PROC', right: true, text: ({ processes }) => String(processes.length) },
];

function rateText(rate: number | undefined): string {
  return rate === undefined ? '' : shortCount(rate);
}

function fillOf({ stats }: Sample): number {
  return stats ? stats.used / stats.capacity : 0;
}

/** Returns the samples in an order; equal ones by name. */
export function sorted(samples: readonly Sample[], { compare }: Sort, reversed: boolean): Sample[] {
  const sign = reversed ? -1 : 1;
  return inOrder(samples, (a, b) => sign * compare(a, b) || compareText(a.name, b.name));
}

/** Returns the table, in at most `rows` lines. */
export function overviewLines(out: Output, samples: readonly Sample[], rows: number): string[] {
  const shown = samples.slice(0, Math.max(1, rows - 2));
  const left = samples.length - shown.length;
  return [...out.tableLines(shown, COLUMNS), ...(left > 0 ? [`... and ${left} more`] : [])];
}

