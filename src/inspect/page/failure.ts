// What went wrong, where it is seen and heard.
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { CallError } from './session.js';

export function Failure({ error }: { error: CallError | undefined }): VNode | null {
  if (error === undefined) return null;
  return html`<p class="failure" role="alert">${error.code ? html`<b>${error.code}</b> ` : ''}${error.message}</p>`;
}
