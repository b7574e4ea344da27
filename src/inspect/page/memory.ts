// What takes the room of a dictionary: size classes, and, when asked for, the largest keys and prefixes.
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { Failure } from './failure.js';
import type { Detail, SizeClass } from './figures.js';
import { bytesText, clock, shortCount, shown } from './format.js';
import { type CallError, call } from './session.js';
import { type Column, Fill, Table } from './table.js';

interface KeyRow {
  readonly key: string;
  readonly size: number;
  readonly type?: string;
}

interface PrefixRow {
  readonly prefix: string;
  readonly keys: number;
  readonly bytes: number;
}

interface ReadRow {
  readonly key: string;
  readonly reads: number;
}

interface Room {
  readonly entries: number;
  readonly keys: readonly KeyRow[];
  readonly prefixes: readonly PrefixRow[];
  /** Missing if no process samples its reads. */
  readonly reads?: readonly ReadRow[];
  readonly time: number;
}

const CLASSES: ReadonlyArray<Column<SizeClass>> = [
  { title: 'Block', cell: ({ blockSize }) => bytesText(blockSize), sort: ({ blockSize }) => blockSize, isNumber: true, isHead: true },
  { title: 'Pages', cell: ({ pages }) => shortCount(pages), sort: ({ pages }) => pages, isNumber: true },
  { title: 'Used blocks', cell: ({ used }) => shortCount(used), sort: ({ used }) => used, isNumber: true },
  { title: 'Free blocks', cell: ({ free }) => shortCount(free), sort: ({ free }) => free, isNumber: true },
  { title: 'Memory', cell: ({ blockSize, used, free }) => bytesText(blockSize * (used + free)), sort: ({ blockSize, used, free }) => blockSize * (used + free), isNumber: true },
  { title: 'Fill', cell: ({ used, free }) => html`<${Fill} part=${used} whole=${used + free} />`, sort: ({ used, free }) => used / (used + free), isNumber: true },
];

const KEYS: ReadonlyArray<Column<KeyRow>> = [
  { title: 'Key', cell: ({ key }) => html`<code>${shown(key)}</code>`, sort: ({ key }) => key, isHead: true },
  { title: 'Type', cell: ({ type }) => type ?? 'gone', sort: ({ type }) => type ?? '' },
  { title: 'Memory', cell: ({ size }) => bytesText(size), sort: ({ size }) => size, isNumber: true },
];

const PREFIXES: ReadonlyArray<Column<PrefixRow>> = [
  { title: 'Prefix', cell: ({ prefix }) => (prefix === '' ? html`<span class="muted">(without one)</span>` : html`<code>${shown(prefix)}</code>`), sort: ({ prefix }) => prefix, isHead: true },
  { title: 'Keys', cell: ({ keys }) => shortCount(keys), sort: ({ keys }) => keys, isNumber: true },
  { title: 'Memory', cell: ({ bytes }) => bytesText(bytes), sort: ({ bytes }) => bytes, isNumber: true },
];

const READS: ReadonlyArray<Column<ReadRow>> = [
  { title: 'Key', cell: ({ key }) => html`<code>${shown(key)}</code>`, sort: ({ key }) => key, isHead: true },
  { title: 'Reads, about', cell: ({ reads }) => shortCount(reads), sort: ({ reads }) => reads, isNumber: true },
];

export function MemoryTab({ name, detail }: { name: string; detail: Detail | undefined }): VNode {
  const [separator, setSeparator] = useState(':');
  const [room, setRoom] = useState<Room | undefined>(undefined);
  const [error, setError] = useState<CallError | undefined>(undefined);
  const [isMeasuring, setIsMeasuring] = useState(false);
  const measure = async (event: Event) => {
    event.preventDefault();
    setIsMeasuring(true);
    try {
      setRoom({ ...(await call<Room>('/api/room', { name, separator })), time: Date.now() });
      setError(undefined);
    } catch (thrown) {
      setError(thrown as CallError);
    }
    setIsMeasuring(false);
  };
  return html`
    <h2>By size class</h2>
    <${Table} caption="Memory by size class" rows=${detail?.figures?.perClass ?? []} columns=${CLASSES} keyOf=${({ blockSize }: SizeClass) => String(blockSize)} empty="No size class has memory yet." />
    <h2>By key</h2>
    <form class="row" onSubmit=${measure}>
      <label>End of a prefix <input class="short" required value=${separator} onInput=${(event: InputEvent) => setSeparator((event.target as HTMLInputElement).value)} /></label>
      <button type="submit" disabled=${isMeasuring}>${room === undefined ? 'Measure' : 'Measure again'}</button>
      <span class="muted" role="status">${isMeasuring ? 'Reading all keys …' : room === undefined ? 'Reads all keys once; a million take some seconds.' : `${shortCount(room.entries)} entries at ${clock(room.time)}`}</span>
    </form>
    <${Failure} error=${error} />
    ${room !== undefined && html`<div class="columns">
      <section><h3>Prefixes</h3><${Table} caption="Prefixes that take the most memory" rows=${room.prefixes} columns=${PREFIXES} keyOf=${({ prefix }: PrefixRow) => prefix} empty="The dictionary is empty." /></section>
      <section><h3>Largest entries</h3><${Table} caption="Keys that take the most memory" rows=${room.keys} columns=${KEYS} keyOf=${({ key }: KeyRow) => key} empty="The dictionary is empty." /></section>
      ${room.reads && html`<section><h3>Most read</h3><${Table} caption="Keys that sampling processes read most, in the last minutes" rows=${room.reads} columns=${READS} keyOf=${({ key }: ReadRow) => key} empty="No read was sampled lately." /></section>`}
    </div>`}
  `;
}
