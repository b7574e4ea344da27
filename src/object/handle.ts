// An open handle and its end: by `close`, by being collected, or with its thread.
import { threads } from '../addon/lazy.js';
import { type HandleId, native } from '../addon/native.js';
import type { Opened } from './native-kind.js';

type Close = (id: HandleId) => void;

/** Closes what nobody closed and nobody can reach. */
const collected = new FinalizationRegistry<{ close: Close; id: HandleId }>(({ close, id }) => close(id));

let watching = false;

/** Of an object of any kind. */
export class ObjectHandle {
  /** The addon's number for it; 0 once closed, which the addon knows as "closed". */
  id: HandleId;
  readonly name: string;
  readonly path: string;
  /** Random; the same for every handle on the same segment, whatever became of its name. */
  readonly segment: string;
  readonly owner: boolean;
  readonly readOnly: boolean;
  readonly #close: Close;

  constructor(name: string, opened: Opened, close: Close) {
    this.id = opened.id;
    this.name = name;
    this.path = opened.path;
    this.segment = opened.segment;
    this.owner = opened.owner;
    this.readOnly = opened.readOnly;
    this.#close = close;
    collected.register(this, { close, id: opened.id }, this);
    watchExit();
  }

  close(): void {
    const { id } = this;
    if (id === 0) return;
    this.id = 0;
    collected.unregister(this);
    this.#close(id);
  }
}

// `process.exit` ends the main thread without running the addon's cleanup hook, so the names of
// owners must go before. The handles stay usable: other listeners for 'exit' may come after.
function watchExit(): void {
  if (watching) return;
  watching = true;
  if (!threads().isMainThread) return;
  process.on('exit', () => native.releaseNames());
}
