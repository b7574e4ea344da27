// An open handle and its end: by `close`, by being collected, or with its thread.
import { isMainThread } from 'node:worker_threads';
import type { EntryCodec } from './codecs.js';
import { type CacheLimits, LocalCache } from './local-cache.js';
import { type HandleId, native, type Opened } from './native.js';

/** Closes what nobody closed and nobody can reach. */
const collected = new FinalizationRegistry<HandleId>((id) => native.close(id));

let watching = false;

export class Handle {
  /** The addon's number for it; 0 once closed, which the addon knows as "closed". */
  id: HandleId;
  readonly name: string;
  readonly path: string;
  /** Random; the same for every handle on the same segment, whatever became of its name. */
  readonly segment: string;
  readonly owner: boolean;
  readonly readOnly: boolean;
  readonly codec: EntryCodec;

  /** The last values read; none where it is not wanted, or memory must not be viewed. */
  cache: LocalCache | undefined;

  constructor(name: string, opened: Opened, codec: EntryCodec, limits: CacheLimits | undefined) {
    this.id = opened.id;
    this.name = name;
    this.path = opened.path;
    this.segment = opened.segment;
    this.owner = opened.owner;
    this.readOnly = opened.readOnly;
    this.codec = codec;
    this.cache = limits && new LocalCache(opened.id, opened.evicts && !opened.readOnly, limits);
    collected.register(this, opened.id, this);
    watchExit();
  }

  close(): void {
    const { id } = this;
    if (id === 0) return;
    this.cache?.countHits();
    this.cache = undefined;
    this.id = 0;
    collected.unregister(this);
    native.close(id);
  }
}

// `process.exit` ends the main thread without running the addon's cleanup hook, so the names of
// owners must go before. The handles stay usable: other listeners for 'exit' may come after.
function watchExit(): void {
  if (watching || !isMainThread) return;
  watching = true;
  process.on('exit', () => native.releaseNames());
}
