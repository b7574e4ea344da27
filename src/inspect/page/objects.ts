// The first view: all objects.
import { html } from 'htm/preact';
import type { ComponentChildren, VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { type Objects, rateOf, type Sample, type Summary } from './figures.js';
import { bytesText, percent, shortCount } from './format.js';
import { usePoll } from './poll.js';
import { addressOf } from './route.js';
import { type Column, Fill, Table } from './table.js';
import { Failure } from './failure.js';

interface Row extends Summary {
  readonly reads: number | undefined;
  readonly hits: number | undefined;
  readonly writes: number | undefined;
}

const COLUMNS: ReadonlyArray<Column<Row>> = [
  { title: 'Kind', cell: ({ kind }) => html`<span class="kind">${kind}</span>`, sort: ({ kind }) => kind },
  { title: 'Name', cell: ({ kind, name }) => html`<a href=${addressOf(kind, name)}>${name}</a>`, sort: ({ name }) => name, isHead: true },
  { title: 'Size', cell: ({ size }) => bytesText(size), sort: ({ size }) => size, isNumber: true },
  { title: 'Fill', cell: ({ figures }) => figures && html`<${Fill} part=${figures['used']} whole=${figures['capacity']} warns />`, sort: fillOf, isNumber: true },
  { title: 'Holds', cell: holdsText, sort: ({ entries }) => entries ?? -1, isNumber: true },
  { title: 'Reads/s', cell: ({ reads }) => rateText(reads), sort: ({ reads }) => reads ?? -1, isNumber: true },
  { title: 'Hits', cell: ({ reads, hits }) => (reads && hits !== undefined ? percent(hits, reads) : ''), sort: ({ reads, hits }) => (reads && hits !== undefined ? hits / reads : -1), isNumber: true },
  { title: 'Writes/s', cell: ({ writes }) => rateText(writes), sort: ({ writes }) => writes ?? -1, isNumber: true },
  { title: 'Processes', cell: ({ processes }) => String(processes.length), sort: ({ processes }) => processes.length, isNumber: true },
  { title: 'State', cell: ({ stale }) => (stale ? html`<span class="badge warning">stale</span>` : ''), sort: ({ stale }) => Number(!stale) },
];

export function ObjectsView({ isPaused }: { isPaused: boolean }): VNode {
  const [text, setText] = useState('');
  const before = useRef(new Map<string, Sample>());
  const rows = useRef<readonly Row[]>([]);
  const { latest, error } = usePoll<Objects>('/api/objects', {}, isPaused, ({ at, objects }) => {
    rows.current = objects.map((object) => withRates(object, at, before.current.get(idOf(object))));
    before.current = new Map(objects.flatMap((object) => (object.figures ? [[idOf(object), { at, figures: object.figures }] as const] : [])));
  });
  const found = rows.current.filter(({ kind, name }) => `${kind} ${name}`.includes(text));
  return html`
    <div class="heading"><h1 tabindex="-1">Objects</h1>
      <label class="search">Filter <input type="search" value=${text} onInput=${(event: InputEvent) => setText((event.target as HTMLInputElement).value)} /></label></div>
    <${Failure} error=${error} />
    ${latest === undefined ? html`<p class="empty">Loading …</p>` : html`<${Table} caption="All objects" rows=${found} columns=${COLUMNS} keyOf=${idOf} empty=${rows.current.length === 0 ? 'There are no objects in this directory.' : 'No object matches the filter.'} />`}
  `;
}

function holdsText({ kind, entries, counts }: Row): ComponentChildren {
  if (entries === undefined) return '';
  if (kind === 'mutex') return entries > 0 ? 'locked' : 'free';
  return html`${shortCount(entries)} <span class="muted">${counts}</span>`;
}

function withRates(object: Summary, at: number, before: Sample | undefined): Row {
  const after = { at, figures: object.figures ?? {} };
  const hits = rateOf(before, after, 'hits');
  return { ...object, reads: rateOf(before, after, 'hits', 'misses'), hits, writes: rateOf(before, after, 'sets', 'deletes') };
}

function idOf({ kind, name }: Summary): string {
  return `${kind} ${name}`;
}

function fillOf({ figures }: Row): number {
  return figures ? (figures['used'] ?? 0) / (figures['capacity'] ?? 1) : -1;
}

function rateText(rate: number | undefined): string {
  return rate === undefined ? '' : shortCount(rate);
}
