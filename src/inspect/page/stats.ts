// Figures with their names.
import { html } from 'htm/preact';
import type { ComponentChildren, VNode } from 'preact';

export function Stats({ figures }: { figures: ReadonlyArray<readonly [title: string, value: ComponentChildren]> }): VNode {
  return html`<dl class="stats">${figures.map(([title, value]) => html`<div key=${title}><dt>${title}</dt><dd>${value}</dd></div>`)}</dl>`;
}
