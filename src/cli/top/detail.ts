// One dictionary in detail: rates, memory by size class, processes.
import { escapeText } from '../escape.js';
import { bytesText, paddedEnd, paddedStart, percent, shortCount } from '../format.js';
import type { Output } from '../output.js';
import type { Rates, Sample } from './sampler.js';

const BAR = 24;

const FIGURES: ReadonlyArray<readonly [string, (rates: Rates) => string]> = [
  ['reads/s', ({ gets }) => shortCount(gets)],
  ['hit ratio', ({ gets, hits }) => percent(hits, gets)],
  ['writes/s', ({ sets }) => shortCount(sets)],
  ['deletes/s', ({ deletes }) => shortCount(deletes)],
  ['evictions/s', ({ evictions }) => shortCount(evictions)],
  ['expired/s', ({ expired }) => shortCount(expired)],
  ['lock waits/s', ({ lockWaits }) => shortCount(lockWaits)],
  ['recoveries/s', ({ recoveries }) => shortCount(recoveries)],
];

/** Returns the lines, of at most 80 columns. */
export function detailLines(out: Output, { name, stats, rates, processes, entries }: Sample): string[] {
  if (!stats) return [`${escapeText(name)} is gone`];
  return [
    out.bold(`${escapeText(name)}: ${shortCount(entries ?? stats.entries)} entries, ${bytesText(stats.used)} of ${bytesText(stats.capacity)} in use`),
    `[${bar(stats.used, stats.capacity, 2 * BAR)}] ${percent(stats.used, stats.capacity)}`,
    '',
    ...(rates ? pairs(FIGURES.map(([title, figure]) => `${paddedEnd(title, 14)}${paddedStart(figure(rates), 8)}`)) : ['measuring']),
    '',
    `since creation: ${shortCount(stats.lockWaits)} lock waits, ${shortCount(stats.recoveries)} recoveries, ${shortCount(stats.evictions)} evictions`,
    '',
    out.bold('   BLOCK  PAGES     USED     FREE'),
    ...stats.perClass.map(
      ({ blockSize, pages, used, free }) =>
        `${paddedStart(String(blockSize), 8)}${paddedStart(shortCount(pages), 7)}${paddedStart(shortCount(used), 9)}${paddedStart(shortCount(free), 9)}  [${bar(used, used + free, BAR)}]`,
    ),
    '',
    `processes: ${processes.join(' ') || 'none that write'}`,
  ];
}

function bar(part: number, whole: number, width: number): string {
  const filled = whole > 0 ? Math.round((part / whole) * width) : 0;
  return paddedEnd('#'.repeat(filled), width);
}

/** Puts two texts on each line. */
function pairs(texts: readonly string[]): string[] {
  const half = Math.ceil(texts.length / 2);
  return texts.slice(0, half).map((text, at) => [text, texts[half + at] ?? ''].join('     ').trimEnd());
}
