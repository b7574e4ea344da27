// An open handle and its end: by `close`, by being collected, or with its thread.
import type { EntryCodec } from '../dict/codecs.js';
import { threads } from '../addon/lazy.js';
import { type CacheLimits, LocalCache } from '../dict/local-cache.js';
import { type HandleId, native, type Opened, type OpenedDict } from '../addon/native.js';

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

/** Of a dictionary. */
export class Handle extends ObjectHandle {
  readonly codec: EntryCodec;
  /** The last values read; none where it is not wanted, or memory must not be viewed. */
  cache: LocalCache | undefined;

  constructor(name: string, opened: OpenedDict, codec: EntryCodec, limits: CacheLimits | undefined) {
    super(name, opened, native.close);
    this.codec = codec;
    this.cache = limits && new LocalCache(opened.id, opened.evicts && !opened.readOnly, limits);
  }

  override close(): void {
    if (this.id !== 0) this.cache?.close();
    this.cache = undefined;
    super.close();
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
