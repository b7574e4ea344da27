// Rings, channels and queues: how much waits in them, and how fast it comes and goes.
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { Chart } from './chart.js';
import type { Claim, Figures } from './figures.js';
import { ago, bytesText, clock, shortCount, shown } from './format.js';
import type { ViewProperties } from './object.js';
import { Stats } from './stats.js';
import { type Column, Fill, Table } from './table.js';

export function RingView({ detail, history }: ViewProperties): VNode {
  const figures: Figures = detail.figures ?? {};
  return html`
    <${Stats} figures=${[
      ['Messages', shortCount(figures['messages'] ?? 0)],
      inUse(figures),
      ['Ever sent', shortCount(figures['sent'] ?? 0)],
      ['Ever received', shortCount(figures['received'] ?? 0)],
      ['Taken over from dead processes', shortCount(figures['takeovers'] ?? 0)],
    ]} />
    <div class="charts">
      <${Chart} title="Messages in the ring" times=${history.times} format=${shortCount} lines=${[{ title: 'messages', values: history.values(({ messages }) => messages) }]} />
      <${Chart} title="Messages per second" times=${history.times} format=${shortCount} lines=${[
        { title: 'sent', values: history.rates('sent') },
        { title: 'received', values: history.rates('received') },
      ]} />
    </div>
  `;
}

export function ChannelView({ detail, history }: ViewProperties): VNode {
  const figures: Figures = detail.figures ?? {};
  return html`
    <${Stats} figures=${[
      ['Messages that can be heard', shortCount(figures['messages'] ?? 0)],
      inUse(figures),
      ['Ever posted', shortCount(figures['posted'] ?? 0)],
      ['Taken over from dead posters', shortCount(figures['takeovers'] ?? 0)],
    ]} />
    <div class="charts"><${Chart} title="Messages per second" times=${history.times} format=${shortCount} lines=${[{ title: 'posted', values: history.rates('posted') }]} /></div>
  `;
}

const CLAIMS: ReadonlyArray<Column<Claim>> = [
  { title: 'Job', isHead: true, cell: ({ id }) => html`<code>${shown(id)}</code>`, sort: ({ id }) => id },
  { title: 'Process', cell: ({ pid }) => String(pid), sort: ({ pid }) => pid, isNumber: true },
  { title: 'Attempt', cell: ({ attempts }) => String(attempts), sort: ({ attempts }) => attempts, isNumber: true },
  { title: 'Since', cell: ({ since }) => html`${ago(since)} <span class="muted">${clock(since)}</span>`, sort: ({ since }) => since, isNumber: true },
];

export function QueueView({ detail, history }: ViewProperties): VNode {
  const { claims = [], more = 0 } = detail;
  const figures: Figures = detail.figures ?? {};
  return html`
    <${Stats} figures=${['ready', 'delayed', 'claimed', 'dead', 'done', 'failed', 'returned'].map((name) => [name[0]?.toUpperCase() + name.slice(1), shortCount(figures[name] ?? 0)])} />
    <div class="charts">
      <${Chart} title="Jobs in the queue" times=${history.times} format=${shortCount} lines=${['ready', 'delayed', 'claimed', 'dead'].map((name) => ({ title: name, values: history.values((each) => each[name]) }))} />
      <${Chart} title="Jobs per second" times=${history.times} format=${shortCount} lines=${['pushed', 'done', 'failed', 'returned'].map((name) => ({ title: name, values: history.rates(name) }))} />
    </div>
    <h2>Claims</h2>
    <${Table} caption="Jobs that processes work on" rows=${claims} columns=${CLAIMS} keyOf=${({ id }: Claim) => id} empty="No job is claimed." />
    ${more > 0 && html`<p class="muted">${more} more are not shown.</p>`}
  `;
}

function inUse({ used = 0, capacity = 0 }: Figures): readonly [string, VNode] {
  return ['In use', html`<${Fill} part=${used} whole=${capacity} /> <span class="muted">${bytesText(used)} of ${bytesText(capacity)}</span>`];
}
