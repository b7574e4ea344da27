// Watching a dictionary: events that were fetched, and the wait for more.
import { AbortController, BigUint64Array, setImmediate, Uint32Array, Uint8Array } from '../addon/intrinsics.js';
import { checkBoolean, checkString } from '../arguments/check.js';
import { checkOptions, type OptionNames } from '../arguments/options.js';
import { checkSignal } from '../arguments/signal.js';
import { FOREVER } from '../object/keep-alive.js';
import { OrderedCalls } from '../object/ordered-calls.js';
import { Uncloneable } from '../object/uncloneable.js';
import { listen, wait } from '../object/wait-queue.js';
import type { DictHandle } from './handle.js';
import { dict } from './native.js';
import type { DictEvent, WatchOptions } from './watch-types.js';

const NAMES: OptionNames<WatchOptions> = { prefix: true, signal: true, ref: true };

/** Most events of one call of the addon, but for those of `clear`. */
const MOST = 512;
/** The kinds of events in the addon's order, from 1 on. */
const TYPES = ['', 'set', 'delete', 'expire', 'evict'] as const;
const SET = 1;
const CLEARED = 5;
const MISSED = 6;
const KIND_MASK = 15;
/** Added to the kind of an event whose key is the first of the next string. */
const NEXT_PIECE = 16;
const UNKNOWN = 2n ** 64n - 1n;

/** What `watchRead` fills: the number of events, whether there are more; for each its kind, the end of its key, a number. */
const memory = new Uint8Array(8 + 16 * (2 * MOST + 1));
const words = new Uint32Array(memory.buffer);
const numbers = new BigUint64Array(memory.buffer, 8);

const END: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** Ends the watchers of iterators that were collected before their end. */
const collected = new FinalizationRegistry<{ handle: DictHandle; watcher: number }>(({ handle, watcher }) => {
  if (handle.id !== 0) dict.watchEnd(handle.id, watcher);
});

/** Starts to watch. */
export function watch(handle: DictHandle, argument: unknown): Watch {
  const { prefix, signal, ref } = checkOptions<WatchOptions>('options', argument, NAMES);
  if (prefix !== undefined) checkString('options.prefix', prefix);
  checkSignal('options.signal', signal);
  return new Watch(handle, prefix, signal, checkBoolean('options.ref', ref));
}

/** The events of a dictionary from the call of `watch` on. */
export class Watch extends Uncloneable implements AsyncIterableIterator<DictEvent> {
  readonly #handle: DictHandle;
  readonly #watcher: number;
  readonly #ref: boolean | undefined;
  readonly #end = new AbortController();
  #removeAbortListener: (() => void) | undefined;
  #events: DictEvent[] = [];
  #at = 0;
  #hasMore = true;
  #wasWoken = false;
  readonly #calls = new OrderedCalls(
    () => this.#try(),
    () => this.#wait(),
  );

  constructor(handle: DictHandle, prefix: string | undefined, signal: AbortSignal | undefined, ref: boolean | undefined) {
    super();
    this.#handle = handle;
    this.#ref = ref;
    this.#watcher = dict.watchStart(handle.id, prefix);
    collected.register(this, { handle, watcher: this.#watcher }, this);
    if (signal?.aborted) this.#stop();
    else if (signal) this.#removeAbortListener = listen(signal, () => this.#stop());
  }

  next(): Promise<IteratorResult<DictEvent, undefined>> {
    return this.#calls.call();
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.#stop();
    return Promise.resolve(END);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #stop(): void {
    if (this.#end.signal.aborted) return;
    this.#removeAbortListener?.();
    this.#events = [];
    this.#end.abort();
    collected.unregister(this);
    if (this.#handle.id !== 0) dict.watchEnd(this.#handle.id, this.#watcher);
  }

  #isOver(): boolean {
    if (this.#handle.id === 0) this.#stop();
    return this.#end.signal.aborted;
  }

  /** Returns the next event, or the end; `undefined` if there is nothing yet. */
  #try(): IteratorResult<DictEvent, undefined> | undefined {
    if (this.#at >= this.#events.length) {
      if (this.#isOver()) return END;
      this.#fetch();
    } else if (this.#end.signal.aborted) return END;
    const event = this.#events[this.#at];
    if (event === undefined) return undefined;
    this.#at += 1;
    return { done: false, value: event };
  }

  #fetch(): void {
    const wasWoken = this.#wasWoken;
    this.#wasWoken = false;
    try {
      this.#events = eventsOf(dict.watchRead(this.#handle.id, this.#watcher, MOST, memory, wasWoken));
    } catch (error) {
      this.#stop();
      throw error;
    }
    this.#at = 0;
    this.#hasMore = words[1] !== 0;
  }

  /** Waits until there is something to read, or the end. */
  async #wait(): Promise<void> {
    // Changes of other keys than those with the prefix must not keep the event loop busy.
    if (this.#hasMore) return new Promise<void>((resolve) => setImmediate(resolve));
    const { id } = this.#handle;
    try {
      await wait(this.#handle, { timeout: FOREVER, signal: this.#end.signal, ref: this.#ref }, { start: () => dict.watchWait(id, this.#watcher) });
      this.#wasWoken = true;
    } catch (error) {
      if (!this.#isOver()) throw error;
    }
  }
}

/** Returns the events in the memory that `watchRead` has filled. */
function eventsOf(pieces: readonly string[]): DictEvent[] {
  const count = words[0] as number;
  const events: DictEvent[] = [];
  let piece = -1;
  let start = 0;
  for (let index = 0; index < count; index += 1) {
    const word = words[2 + 4 * index] as number;
    const kind = word & KIND_MASK;
    if (word & NEXT_PIECE) {
      piece += 1;
      start = 0;
    }
    const end = words[3 + 4 * index] as number;
    if (kind === CLEARED || kind === MISSED) {
      events.push(kind === CLEARED ? { type: 'clear' } : overflow(numbers[2 * index + 1] as bigint));
      continue;
    }
    const key = (pieces[piece] as string).slice(start, end);
    start = end;
    if (kind === SET) events.push({ type: 'set', key, version: numbers[2 * index + 1] as bigint });
    else events.push({ type: TYPES[kind] as 'delete' | 'expire' | 'evict', key });
  }
  return events;
}

function overflow(missed: bigint): DictEvent {
  return { type: 'overflow', missed: missed === UNKNOWN ? undefined : Number(missed) };
}
