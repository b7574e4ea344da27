// Browsing and searching the keys of a dictionary.
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Failure } from './failure.js';
import { bytesText, lifetime, shortCount, shown } from './format.js';
import { type CallError, call } from './session.js';
import { type Column, Table } from './table.js';
import { ValuePanel } from './value.js';

interface KeyRow {
  readonly key: string;
  readonly type: string;
  readonly size?: number;
  readonly ttl: number;
}

interface Found {
  readonly keys: readonly KeyRow[];
  readonly scanned: number;
  readonly hasMore: boolean;
}

interface Query {
  readonly prefix: string;
  readonly match: string;
}

export function KeysTab({ name, readWrite }: { name: string; readWrite: boolean }): VNode {
  const [query, setQuery] = useState<Query>({ prefix: '', match: '' });
  const [found, setFound] = useState<Found | undefined>(undefined);
  const [error, setError] = useState<CallError | undefined>(undefined);
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  const search = async (event?: Event) => {
    event?.preventDefault();
    try {
      setFound(await call<Found>('/api/keys', { name, ...query }));
      setError(undefined);
    } catch (thrown) {
      setError(thrown as CallError);
    }
  };
  useEffect(() => void search(), []);
  const change = (field: keyof Query) => (event: InputEvent) => setQuery({ ...query, [field]: (event.target as HTMLInputElement).value });
  return html`
    <form class="row" role="search" onSubmit=${search}>
      <label>Begins with <input value=${query.prefix} onInput=${change('prefix')} spellcheck=${false} /></label>
      <label>Contains, or matches with * and ? <input value=${query.match} onInput=${change('match')} spellcheck=${false} /></label>
      <button type="submit">Search</button>
      <span class="muted" role="status">${found && statusOf(found)}</span>
    </form>
    <${Failure} error=${error} />
    <div class="columns">
      <section>${found && html`<${Table} caption="Keys" rows=${found.keys} columns=${columnsFor(chosen, setChosen)} keyOf=${({ key }: KeyRow) => key} empty="No key was found." />`}</section>
      ${chosen !== undefined && html`<${ValuePanel} key=${chosen} name=${name} chosen=${chosen} readWrite=${readWrite} close=${() => setChosen(undefined)} changed=${() => void search()} />`}
    </div>
  `;
}

function columnsFor(chosen: string | undefined, choose: (key: string) => void): ReadonlyArray<Column<KeyRow>> {
  return [
    { title: 'Key', isHead: true, sort: ({ key }) => key, cell: ({ key }) => html`<button type="button" class="link" aria-pressed=${key === chosen} onClick=${() => choose(key)}><code>${shown(key, 80)}</code></button>` },
    { title: 'Type', cell: ({ type }) => type, sort: ({ type }) => type },
    { title: 'Memory', isNumber: true, sort: ({ size }) => size ?? 0, cell: ({ size }) => (size === undefined ? '' : bytesText(size)) },
    { title: 'Time to live', isNumber: true, sort: ({ ttl }) => -(ttl || Infinity), cell: ({ ttl }) => lifetime(ttl) },
  ];
}

function statusOf({ keys, scanned, hasMore }: Found): string {
  return hasMore ? `the first ${keys.length} that were found` : `${keys.length} of ${shortCount(scanned)} keys`;
}
