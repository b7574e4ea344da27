// The value of one key, and, where that is allowed, changing it.
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Failure } from './failure.js';
import { bytesText, lifetime, shown, shownLines } from './format.js';
import { type CallError, call } from './session.js';
import { Stats } from './stats.js';

interface Value {
  readonly type: string;
  readonly codec?: string;
  readonly size?: number;
  readonly ttl: number;
  readonly version?: string;
  readonly text?: string;
  readonly isCut?: boolean;
  readonly isHex?: boolean;
  readonly note?: string;
}

interface Properties {
  readonly name: string;
  readonly chosen: string;
  readonly readWrite: boolean;
  readonly close: () => void;
  /** Called after a change. */
  readonly changed: () => void;
}

const EDITABLE = new Set(['string', 'number', 'bigint', 'boolean', 'json']);

export function ValuePanel({ name, chosen, readWrite, close, changed }: Properties): VNode {
  const [value, setValue] = useState<Value | undefined>(undefined);
  const [error, setError] = useState<CallError | undefined>(undefined);
  const heading = useRef<HTMLHeadingElement>(null);
  const attempt = async (work: () => Promise<void>) => {
    try {
      await work();
      setError(undefined);
    } catch (thrown) {
      setError(thrown as CallError);
    }
  };
  const read = () => attempt(async () => setValue(await call<Value>('/api/value', { name, key: JSON.stringify(chosen) })));
  useEffect(() => {
    heading.current?.focus();
    void read();
  }, []);
  const remove = () =>
    attempt(async () => {
      await call('/api/delete', {}, { body: { name, key: chosen } });
      changed();
      close();
    });
  const store = (text: string) =>
    attempt(async () => {
      await call('/api/store', {}, { body: { name, key: chosen, type: value?.type, text } });
      await read();
      changed();
    });
  return html`<section class="panel" aria-label="Value">
    <div class="heading"><h2 tabindex="-1" ref=${heading}><code>${shown(chosen, 500)}</code></h2>
      <div class="row"><button type="button" onClick=${read}>Read again</button>${readWrite && html`<button type="button" class="danger" onClick=${remove}>Delete</button>`}<button type="button" onClick=${close}>Close</button></div></div>
    <${Failure} error=${error} />
    ${value && html`<${Shown} value=${value} />`}
    ${value && readWrite && EDITABLE.has(value.type) && !value.isCut && html`<${Editor} key=${value.version} value=${value} store=${store} />`}
  </section>`;
}

function Shown({ value: { type, codec, size, ttl, version, text, isCut, isHex, note } }: { value: Value }): VNode {
  return html`
    <${Stats} figures=${[
      ['Type', codec === undefined ? type : `bytes of the codec ${shown(codec)}`],
      ['Memory', size === undefined ? '–' : bytesText(size)],
      ['Time to live', lifetime(ttl)],
      ['Version', version ?? '–'],
    ]} />
    ${note && html`<p class="note">${note}</p>`}
    ${text !== undefined && html`<pre class=${isHex ? 'value hex' : 'value'} tabindex="0" aria-label="Value as text">${shownLines(text)}</pre>`}
    ${isCut && html`<p class="muted">Only the beginning is shown.</p>`}
  `;
}

function Editor({ value, store }: { value: Value; store: (text: string) => Promise<void> }): VNode {
  const [text, setText] = useState(value.text ?? '');
  const submit = (event: Event) => {
    event.preventDefault();
    void store(text);
  };
  return html`<form class="editor" onSubmit=${submit}>
    <label>New value (${value.type}) <textarea rows="4" spellcheck=${false} value=${text} onInput=${(event: InputEvent) => setText((event.target as HTMLTextAreaElement).value)}></textarea></label>
    <button type="submit" disabled=${text === value.text}>Store</button>
  </form>`;
}
