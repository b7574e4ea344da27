// Subscriptions: what one subscriber of a channel has heard, and the messages that it has fetched.
import { types } from 'node:util';
import type { HandleCodec } from '../dict/codecs.js';
import { callFrame } from '../dict/call-frame.js';
import { PLAIN } from '../dict/value-kinds.js';
import { reviveStored } from '../dict/values.js';
import { AbortController } from '../addon/intrinsics.js';
import { FOREVER } from '../object/keep-alive.js';
import { OrderedCalls } from '../object/ordered-calls.js';
import { NOT_YET } from '../object/spin.js';
import { listen, wait } from '../object/wait-queue.js';
import { Uncloneable } from '../object/uncloneable.js';
import { channel, lastPosition } from './native.js';
import type { ChannelMessage } from './types.js';

/** Most messages of one call of the addon. */
const MOST = 256;

/** The channel of a subscription. */
export interface Source {
  /** The object that is waited for. */
  readonly owner: object;
  readonly codec: HandleCodec;
  id(): number;
  isClosed(): boolean;
}

const END: IteratorReturnResult<undefined> = { done: true, value: undefined };

export class Subscription<V> extends Uncloneable implements AsyncIterableIterator<ChannelMessage<V>> {
  readonly #source: Source;
  readonly #end = new AbortController();
  #removeAbortListener: (() => void) | undefined;
  /** What the addon needs to go on. */
  #position: number;
  #heard: number;
  /** Fetched values, each `Buffer` before its kind, and the message that the next one belongs to. */
  #values: unknown[] = [];
  #at = 0;
  #sequence = 0n;
  #missed = 0;
  readonly #calls = new OrderedCalls(
    () => this.#try(),
    () => this.#wait(),
  );

  constructor(source: Source, fromOldest: boolean, signal: AbortSignal | undefined) {
    super();
    this.#source = source;
    channel.subscribe(source.id(), fromOldest);
    this.#position = lastPosition();
    this.#heard = callFrame.seconds();
    if (signal?.aborted) this.#end.abort();
    else if (signal) this.#removeAbortListener = listen(signal, () => this.#stop());
  }

  next(): Promise<IteratorResult<ChannelMessage<V>, undefined>> {
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
    this.#removeAbortListener?.();
    this.#removeAbortListener = undefined;
    this.#values = [];
    this.#end.abort();
  }

  /** Returns the next message, or the end; `undefined` if there is nothing yet. */
  #try(): IteratorResult<ChannelMessage<V>, undefined> | undefined {
    if (this.#isOver()) return END;
    if (this.#at >= this.#values.length) this.#fetch();
    if (this.#at >= this.#values.length) return undefined;
    return { done: false, value: this.#take() };
  }

  #isOver(): boolean {
    const isOver = this.#end.signal.aborted || this.#source.isClosed();
    if (isOver) this.#stop();
    return isOver;
  }

  #fetch(): void {
    const heard = this.#heard;
    this.#values = channel.next(this.#source.id(), this.#position, heard, MOST);
    this.#at = 0;
    this.#position = lastPosition();
    this.#heard = callFrame.seconds();
    if (this.#values.length === 0) return;
    this.#sequence = callFrame.version();
    this.#missed = Number(this.#sequence) - 1 - heard;
  }

  #take(): ChannelMessage<V> {
    const value = this.#values[this.#at];
    this.#at += 1;
    const kind = types.isUint8Array(value) ? (this.#values[this.#at++] as number) : PLAIN;
    const sequence = this.#sequence;
    this.#sequence += 1n;
    // If this throws, the next call goes on with the next message, which tells what was missed before this one.
    const revived = reviveStored(value, kind, this.#source.codec) as V;
    const missed = this.#missed;
    this.#missed = 0;
    return { value: revived, sequence, missed };
  }

  /** Waits until there is something to hear, or the end. */
  async #wait(): Promise<void> {
    const start = () => channel.wait(this.#source.id(), this.#position, this.#heard);
    const attempt = () => {
      if (this.#isOver()) return true;
      this.#fetch();
      return this.#values.length > 0 || NOT_YET;
    };
    try {
      await wait(this.#source.owner, { timeout: FOREVER, signal: this.#end.signal }, { start, attempt });
    } catch (error) {
      if (!this.#isOver()) throw error;
    }
  }
}
