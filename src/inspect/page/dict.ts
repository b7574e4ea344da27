// A dictionary: what happens in it, and how full it is.
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { Chart } from './chart.js';
import type { Figures } from './figures.js';
import { ago, bytesText, clock, percent, shortCount } from './format.js';
import type { ViewProperties } from './object.js';
import { Stats } from './stats.js';
import { Fill } from './table.js';

export function DictOverview({ detail, history }: ViewProperties): VNode {
  const figures: Figures = detail.figures ?? {};
  const figure = (name: string) => figures[name] ?? 0;
  const { times } = history;
  return html`
    <${Stats} figures=${[
      ['Entries', shortCount(figure('entries'))],
      ['In use', html`<${Fill} part=${figure('used')} whole=${figure('capacity')} warns /> <span class="muted">${bytesText(figure('used'))} of ${bytesText(figure('capacity'))}</span>`],
      ...(figure('maxSize') > figure('size') || figure('grown') > 0 ? [['Takes, and may take', `${bytesText(figure('size'))} of ${bytesText(figure('maxSize'))}`], ['Grown', `${shortCount(figure('grown'))} times`]] : []),
      ['Counting since', html`${ago(figure('since'))} <span class="muted">${clock(figure('since'))}</span>`],
      ['Hits since creation', percent(figure('hits'), figure('hits') + figure('misses'))],
      ['Evictions', shortCount(figure('evictions'))],
      ['Expired, reclaimed', shortCount(figure('expired'))],
      ['Waits for a lock', shortCount(figure('lockWaits'))],
      ['Recoveries', shortCount(figure('recoveries'))],
    ]} />
    <div class="charts">
      <${Chart} title="Operations per second" times=${times} format=${shortCount} lines=${[
        { title: 'reads', values: history.rates('hits', 'misses') },
        { title: 'writes', values: history.rates('sets') },
        { title: 'deletions', values: history.rates('deletes') },
      ]} />
      <${Chart} title="Hit ratio" times=${times} format=${percentText} top=${100} lines=${[{ title: 'hits', values: history.shares('hits', 'hits', 'misses') }]} />
      <${Chart} title="Memory" times=${times} format=${bytesText} lines=${[
        { title: 'in use', values: history.values(({ used }) => used) },
        { title: 'capacity', values: history.values(({ capacity }) => capacity) },
      ]} />
      <${Chart} title="Entries" times=${times} format=${shortCount} lines=${[{ title: 'entries', values: history.values(({ entries }) => entries) }]} />
      <${Chart} title="Making room, per second" times=${times} format=${shortCount} lines=${[
        { title: 'evictions', values: history.rates('evictions') },
        { title: 'expired', values: history.rates('expired') },
      ]} />
      <${Chart} title="Trouble, per second" times=${times} format=${shortCount} lines=${[
        { title: 'waits for a lock', values: history.rates('lockWaits') },
        { title: 'recoveries', values: history.rates('recoveries') },
      ]} />
    </div>
    <p class="muted">Reads through read-only handles, such as this page's, are not counted.</p>
  `;
}

function percentText(value: number): string {
  return `${Math.round(value)}%`;
}
