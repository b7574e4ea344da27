// The view of one object.
import { html } from 'htm/preact';
import type { ComponentChildren, VNode } from 'preact';
import { ChannelView, QueueView, RingView } from './flows.js';
import { DictOverview } from './dict.js';
import { Failure } from './failure.js';
import type { Detail } from './figures.js';
import { type History, useHistory } from './history.js';
import { KeysTab } from './keys.js';
import { MemoryTab } from './memory.js';
import { ChangesTab } from './changes.js';
import { usePoll } from './poll.js';
import { addressOf, type Route } from './route.js';
import { bytesText } from './format.js';
import { Stats } from './stats.js';
import { LocksView, MutexView, SemaphoreView } from './waiters.js';

interface Properties {
  readonly route: Route;
  readonly isPaused: boolean;
  readonly readWrite: boolean;
}

export interface ViewProperties {
  readonly detail: Detail;
  readonly history: History;
}

const VIEWS: Record<string, (properties: ViewProperties) => VNode> = {
  channel: ChannelView,
  dict: DictOverview,
  locks: LocksView,
  mutex: MutexView,
  queue: QueueView,
  ring: RingView,
  semaphore: SemaphoreView,
  segment: ({ detail: { figures, size } }) => html`<${Stats} figures=${[['Capacity', bytesText(figures?.['capacity'] ?? 0)], ['File', bytesText(size)]]} />`,
};

const TABS = [
  { tab: undefined, title: 'Overview' },
  { tab: 'memory', title: 'Memory' },
  { tab: 'keys', title: 'Keys' },
  { tab: 'changes', title: 'Changes' },
] as const;

export function ObjectView({ route: { kind = '', name = '', tab }, isPaused, readWrite }: Properties): VNode {
  const history = useHistory(kind, name);
  const { latest, error } = usePoll<Detail>('/api/object', { kind, name }, isPaused, ({ at, figures }) => history.add(at, figures));
  return html`
    <nav aria-label="Path" class="path"><a href="#/">Objects</a> <span aria-hidden="true">/</span> ${kind}</nav>
    <div class="heading"><h1 tabindex="-1">${name} <span class="kind">${kind}</span></h1></div>
    ${kind === 'dict' && html`<${Tabs} name=${name} current=${tab} />`}
    <${Failure} error=${error} />
    ${kind === 'dict' && tab !== undefined ? tabOf(tab, name, latest, readWrite) : latest === undefined ? (error === undefined ? html`<p class="empty">Loading …</p>` : '') : html`<${Overview} detail=${latest} history=${history} />`}
  `;
}

function Tabs({ name, current }: { name: string; current: string | undefined }): VNode {
  return html`<nav aria-label="Views" class="tabs">${TABS.map(
    ({ tab, title }) => html`<a href=${addressOf('dict', name, tab)} aria-current=${tab === current ? 'page' : undefined}>${title}</a>`,
  )}</nav>`;
}

function tabOf(tab: string, name: string, detail: Detail | undefined, readWrite: boolean): ComponentChildren {
  if (tab === 'memory') return html`<${MemoryTab} key=${name} name=${name} detail=${detail} />`;
  if (tab === 'keys') return html`<${KeysTab} key=${name} name=${name} readWrite=${readWrite} />`;
  return html`<${ChangesTab} key=${name} name=${name} readWrite=${readWrite} />`;
}

function Overview({ detail, history }: ViewProperties): VNode {
  const View = VIEWS[detail.kind];
  return html`
    ${detail.stale && html`<p class="note">Its owner is gone, and no process has it open: <code>shmkit prune</code> removes it.</p>`}
    ${View && html`<${View} detail=${detail} history=${history} />`}
    <h2>About</h2>
    <${Stats} figures=${[
      ['File', html`<code>${detail.path}</code>`],
      ['Size', bytesText(detail.size)],
      ['Open for writing in', detail.processes.length === 0 ? 'no process' : `process ${detail.processes.join(', ')}`],
    ]} />
  `;
}
