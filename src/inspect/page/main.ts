// The page: opens the session and shows the view that the address names.
import { html, render } from 'htm/preact';
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ObjectView } from './object.js';
import { ObjectsView } from './objects.js';
import { useRoute } from './route.js';
import { CallError, forgetSession, openSession, type Session } from './session.js';

function App({ session }: { session: Session }): VNode {
  const route = useRoute();
  const [isPaused, setIsPaused] = useState(false);
  const isFirst = useRef(true);
  useEffect(() => {
    document.title = route.name === undefined ? 'shmkit' : `${route.name} – shmkit`;
    // After a change of the view, readers of the screen go on at its heading.
    if (!isFirst.current) document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
    isFirst.current = false;
  }, [route.kind, route.name]);
  return html`
    <a class="skip" href="#content" onClick=${skip}>Skip to the content</a>
    <header>
      <a class="brand" href="#/">shmkit</a>
      <span class="badge">${session.readWrite ? 'can change entries' : 'reads only'}</span>
      <button type="button" aria-pressed=${isPaused} onClick=${() => setIsPaused(!isPaused)}>${isPaused ? 'Go on' : 'Pause'}</button>
    </header>
    <main id="content" tabindex="-1">
      ${route.name === undefined ? html`<${ObjectsView} isPaused=${isPaused} />` : html`<${ObjectView} key=${`${route.kind} ${route.name}`} route=${route} isPaused=${isPaused} readWrite=${session.readWrite} />`}
    </main>
  `;
}

// The fragment of the address names the view.
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById('content')?.focus();
}

function Closed({ reason }: { reason: string }): VNode {
  return html`<main><h1>shmkit</h1><p class="failure" role="alert">${reason}</p>
    <p>Every address that <code>shmkit inspect</code> prints opens one page, once, within five minutes. Press Enter where it runs to get another one.</p></main>`;
}

async function start(): Promise<void> {
  const root = document.getElementById('root');
  if (root === null) return;
  const show = (view: VNode) => render(view, root);
  try {
    const session = await openSession();
    show(session === undefined ? html`<${Closed} reason="This page needs an address with a token." />` : html`<${App} session=${session} />`);
  } catch (error) {
    forgetSession();
    show(html`<${Closed} reason=${error instanceof CallError ? error.message : String(error)} />`);
  }
}

void start();
