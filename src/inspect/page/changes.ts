// The changes of a dictionary as they happen, and the keys that are written most.
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Failure } from './failure.js';
import { clock, shortCount, shown } from './format.js';
import { CallError, callForLines } from './session.js';
import { Stats } from './stats.js';
import { type Column, Table } from './table.js';

interface Change {
  readonly at: number;
  readonly type: string;
  readonly key?: string;
  readonly version?: string;
  readonly missed?: number;
}

interface Hot {
  readonly key: string;
  readonly count: number;
  readonly error: number;
}

interface Batch {
  readonly total: number;
  readonly missed: number;
  readonly events: readonly Change[];
  readonly hot: readonly Hot[];
  readonly error?: string;
}

interface Numbered extends Change {
  readonly number: number;
}

const KEPT = 200;

const CHANGES: ReadonlyArray<Column<Numbered>> = [
  { title: 'Time', cell: ({ at }) => clock(at) },
  { title: 'Change', cell: ({ type }) => html`<span class=${`badge ${type}`}>${type}</span>` },
  { title: 'Key', isHead: true, cell: ({ key, type, missed }) => (key === undefined ? (type === 'overflow' ? `missed ${missed ?? 'an unknown number'}` : 'all entries') : html`<code>${shown(key)}</code>`) },
];

const HOT: ReadonlyArray<Column<Hot>> = [
  { title: 'Key', isHead: true, cell: ({ key }) => html`<code>${shown(key)}</code>` },
  { title: 'Changes', isNumber: true, cell: ({ count, error }) => (error > 0 ? `${shortCount(count - error)} to ${shortCount(count)}` : shortCount(count)) },
];

export function ChangesTab({ name, readWrite }: { name: string; readWrite: boolean }): VNode {
  const [prefix, setPrefix] = useState('');
  const [watched, setWatched] = useState<string | undefined>(undefined);
  const submit = (event: Event) => {
    event.preventDefault();
    setWatched(watched === undefined ? prefix : undefined);
  };
  if (!readWrite) return html`<p class="note">To hear of changes, a process has to open the dictionary for writing. This page reads only: start <code>shmkit inspect --read-write</code>, or run <code>shmkit watch ${name}</code>.</p>`;
  return html`
    <form class="row" onSubmit=${submit}>
      <label>Begins with <input value=${prefix} disabled=${watched !== undefined} onInput=${(event: InputEvent) => setPrefix((event.target as HTMLInputElement).value)} spellcheck=${false} /></label>
      <button type="submit">${watched === undefined ? 'Watch' : 'Stop'}</button>
      <span class="muted">Opens the dictionary for writing as long as it runs.</span>
    </form>
    ${watched !== undefined && html`<${Feed} name=${name} prefix=${watched} />`}
  `;
}

function Feed({ name, prefix }: { name: string; prefix: string }): VNode {
  const [latest, setLatest] = useState<Batch | undefined>(undefined);
  const [events, setEvents] = useState<readonly Numbered[]>([]);
  const [error, setError] = useState<CallError | undefined>(undefined);
  useEffect(() => {
    const ended = new AbortController();
    let number = 0;
    const follow = async () => {
      for await (const batch of callForLines<Batch>('/api/changes', { name, prefix }, ended.signal)) {
        if (batch.error !== undefined) throw new CallError(0, batch.error);
        setLatest(batch);
        const fresh = batch.events.map((event) => ({ ...event, number: (number += 1) }));
        if (fresh.length > 0) setEvents((before) => [...fresh.toReversed(), ...before].slice(0, KEPT));
      }
    };
    follow().catch((thrown: unknown) => {
      if (!ended.signal.aborted) setError(thrown instanceof CallError ? thrown : new CallError(0, String(thrown)));
    });
    return () => ended.abort();
  }, []);
  return html`
    <${Failure} error=${error} />
    <${Stats} figures=${[
      ['Changes heard', shortCount(latest?.total ?? 0)],
      ['Missed, because they came too fast', shortCount(latest?.missed ?? 0)],
    ]} />
    <div class="columns">
      <section><h2>Latest</h2><${Table} caption="Latest changes" rows=${events} columns=${CHANGES} keyOf=${({ number }: Numbered) => String(number)} empty="Nothing has changed yet." /></section>
      <section><h2>Written most</h2><${Table} caption="Keys that are written most" rows=${latest?.hot ?? []} columns=${HOT} keyOf=${({ key }: Hot) => key} empty="Nothing has changed yet." /></section>
    </div>
  `;
}
