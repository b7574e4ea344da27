// Mutexes, semaphores and locks by name: which process holds them, which ones wait, and since when.
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { Holder, LockRequest } from './figures.js';
import { ago, clock, shortCount } from './format.js';
import type { ViewProperties } from './object.js';
import { Chart } from './chart.js';
import { Stats } from './stats.js';
import { type Column, Table } from './table.js';

export function MutexView({ detail: { holder, entries } }: ViewProperties): VNode {
  // An owner that died stays until the next process locks the mutex.
  const state = holder ? 'locked' : entries ? 'its owner has died: the next process to lock it is told' : 'free';
  return html`<${Stats} figures=${[
    ['State', state],
    ...(holder ? ([['Held by', `process ${holder.pid}`], ['Since', sinceText(holder.since)]] as const) : []),
  ]} />`;
}

const HOLDERS: ReadonlyArray<Column<Holder>> = [
  { title: 'Process', isHead: true, cell: ({ pid }) => String(pid), sort: ({ pid }) => pid, isNumber: true },
  { title: 'Permits', cell: ({ permits }) => String(permits ?? 0), sort: ({ permits }) => permits ?? 0, isNumber: true },
];

export function SemaphoreView({ detail: { figures, holders = [] }, history }: ViewProperties): VNode {
  return html`
    <${Stats} figures=${[['Available permits', shortCount(figures?.['value'] ?? 0)], ['Come back from dead processes', shortCount(figures?.['reclaimed'] ?? 0)]]} />
    <div class="charts"><${Chart} title="Available permits" times=${history.times} format=${shortCount} lines=${[{ title: 'permits', values: history.values(({ value }) => value) }]} /></div>
    <h2>Holders</h2>
    <${Table} caption="Processes that hold permits" rows=${holders} columns=${HOLDERS} keyOf=${({ pid }: Holder) => String(pid)} empty="No process holds a permit, or the semaphore was made without holders." />
  `;
}

const REQUESTS: ReadonlyArray<Column<LockRequest>> = [
  { title: 'Lock', isHead: true, cell: ({ name }) => html`<code>${name}</code>`, sort: ({ name }) => name },
  { title: 'Mode', cell: ({ mode }) => mode, sort: ({ mode }) => mode },
  { title: 'Process', cell: ({ pid }) => String(pid), sort: ({ pid }) => pid, isNumber: true },
  { title: 'Since', cell: ({ since }) => sinceText(since), sort: ({ since }) => since, isNumber: true },
];

export function LocksView({ detail: { held = [], pending = [], figures, more = 0 }, history }: ViewProperties): VNode {
  return html`
    <${Stats} figures=${[['Held', shortCount(figures?.['held'] ?? 0)], ['Waiting', shortCount(figures?.['pending'] ?? 0)]]} />
    <div class="charts"><${Chart} title="Requests" times=${history.times} format=${shortCount} lines=${[
      { title: 'held', values: history.values(({ held: count }) => count) },
      { title: 'waiting', values: history.values(({ pending: count }) => count) },
    ]} /></div>
    <h2>Holders</h2>
    <${Table} caption="Held locks" rows=${held} columns=${REQUESTS} keyOf=${idOf} empty="No lock is held." />
    <h2>Waiters</h2>
    <${Table} caption="Waiting requests, in the order in which they are served" rows=${pending} columns=${REQUESTS} keyOf=${idOf} empty="No request waits." />
    ${more > 0 && html`<p class="muted">${more} more are not shown.</p>`}
  `;
}

function idOf({ name, pid, since }: LockRequest): string {
  return `${name} ${pid} ${since}`;
}

function sinceText(since: number | undefined): VNode | string {
  return since === undefined ? '' : html`${ago(since)} <span class="muted">${clock(since)}</span>`;
}
