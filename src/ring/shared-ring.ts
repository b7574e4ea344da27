// The public class of rings.
import type { Readable, Writable } from 'node:stream';
import { types } from 'node:util';
import { bytesOfData, type Data } from '../arguments/bytes.js';
import { checkBoolean, checkInteger } from '../arguments/check.js';
import { checkOptions, type OptionNames } from '../arguments/options.js';
import { outOfRange, wrongType } from '../addon/errors.js';
import { now } from '../addon/intrinsics.js';
import { FOREVER } from '../object/keep-alive.js';
import { NOT_YET } from '../object/spin.js';
import { ObjectHandle } from '../object/handle.js';
import { type KindStatics, kindStatics } from '../object/kind.js';
import { NamedObject, showOpened } from '../object/named-object.js';
import { NAMING_NAMES, sizedOptions, withSize } from '../object/options.js';
import { WaitableObject } from '../object/waitable-object.js';
import { notifyLocal, blockingOptions, WAIT_NAMES, waitOptions } from '../object/wait-queue.js';
import { takeEach } from '../object/take-each.js';
import { ring, type NativeRingOptions } from './native.js';
import { type Fill, receiveInto, receiveIntoTarget } from './receive-buffer.js';
import { FifoQueue } from './fifo-queue.js';
import { readableOf, writableOf } from './streams.js';
import type { ListedRing, RingOptions, RingReceiveOptions, RingStats, RingWaitOptions } from './types.js';

/** The addon takes 32 bits, and a ring holds no more messages than that. */
const MOST_PEEKED = 2 ** 32 - 1;

const RECEIVE_NAMES: OptionNames<RingReceiveOptions> = { peek: true };
const RING_NAMES: OptionNames<RingOptions> = { ...NAMING_NAMES, size: true, wipe: true };

type Statics = KindStatics<SharedRing, [options?: unknown], ListedRing>;

const statics: Statics = kindStatics({
  native: ring,
  options: ringOptions,
  createOptions: (argument) => withSize(ringOptions(argument)),
  make: (name, opened) => new SharedRing(new ObjectHandle(name, opened, ring.close)),
  listed: ({ entries, ...rest }) => ({ ...rest, messages: entries }),
});

export class SharedRing extends WaitableObject {
  readonly #senders = new FifoQueue(this);
  readonly #receivers = new FifoQueue(this);
  /** Messages that a stream took and was destroyed before passing them on. The next receivers of this handle get them. */
  readonly #returned: Buffer[] = [];

  static readonly create: Statics['create'] = statics.create;
  static readonly open: Statics['open'] = statics.open;
  static readonly openOrCreate: Statics['openOrCreate'] = statics.openOrCreate;
  static readonly unlink: Statics['unlink'] = statics.unlink;
  static readonly prune: Statics['prune'] = statics.prune;
  static readonly list: Statics['list'] = statics.list;

  trySend(data: Data): boolean {
    const bytes = bytesOfData('data', data);
    const id = NamedObject.idOf(this);
    // Waiting senders go first.
    if (!this.#senders.isEmpty) return false;
    return this.#put(id, bytes, true);
  }

  trySendMany(messages: readonly Data[]): number {
    if (!Array.isArray(messages)) throw wrongType('messages', 'an array', messages);
    // A plain array, even if the caller's is of a subclass: the addon reads its elements.
    const all = Array.from(messages, (data: unknown, index) => bytesOfData(`messages[${index}]`, data));
    const id = NamedObject.idOf(this);
    if (!this.#senders.isEmpty) return 0;
    const sent = ring.sendMany(id, all);
    if (sent > 0) notifyLocal(this);
    return sent;
  }

  async send(data: Data, argument?: unknown): Promise<boolean> {
    const options = waitOptions(argument, WAIT_NAMES);
    const bytes = bytesOfData('data', data);
    const attempt = () => this.#put(NamedObject.idOf(this), bytes, false) || NOT_YET;
    const block = (timeout: number) => ring.sendSync(NamedObject.idOf(this), bytes, timeout) || NOT_YET;
    const start = () => ring.wait(NamedObject.idOf(this), true, bytes.length);
    return (await this.#senders.join({ attempt, block, start }, options)) === true;
  }

  sendSync(data: Data, argument?: unknown): boolean {
    const left = countdown(blockingOptions(argument, WAIT_NAMES).timeout);
    const bytes = bytesOfData('data', data);
    const sent = this.#senders.serveBlocking((source) => source.block(left())) && ring.sendSync(NamedObject.idOf(this), bytes, left());
    notifyLocal(this);
    return sent;
  }

  tryReceive(): Buffer | null {
    const id = NamedObject.idOf(this);
    // Waiting receivers go first.
    if (!this.#receivers.isEmpty) return null;
    return this.#take(id, (...target) => ring.receive(id, ...target, true));
  }

  tryReceiveMany(most: number, argument?: unknown): Buffer[] {
    const id = NamedObject.idOf(this);
    checkInteger('max', most, 1);
    const { peek } = checkOptions('options', argument, RECEIVE_NAMES);
    if (checkBoolean('options.peek', peek)) {
      const messages = this.#returned.slice(0, most);
      return [...messages, ...ring.peek(id, Math.min(most - messages.length, MOST_PEEKED))];
    }
    if (!this.#receivers.isEmpty) return [];
    const messages = this.#returned.splice(0, most);
    receiveInto(messages, most, (...target) => ring.receive(id, ...target, true));
    if (messages.length > 0) notifyLocal(this);
    return messages;
  }

  tryReceiveInto(target: Uint8Array, offset: number = 0): number {
    if (!types.isUint8Array(target)) throw wrongType('target', 'an instance of Uint8Array', target);
    checkInteger('offset', offset, 0, Math.min(target.length, 2 ** 32) - 1);
    const id = NamedObject.idOf(this);
    if (!this.#receivers.isEmpty) return -1;
    const bytes = copyFirst(this.#returned, target, offset) ?? receiveIntoTarget(target, offset, (...memory) => ring.receive(id, ...memory, true));
    if (bytes >= 0) notifyLocal(this);
    return bytes;
  }

  async receive(argument?: unknown): Promise<Buffer | null> {
    return ((await this.#receiveTo((message) => message, waitOptions(argument, WAIT_NAMES))) as Buffer | undefined) ?? null;
  }

  receiveSync(argument?: unknown): Buffer | null {
    const left = countdown(blockingOptions(argument, WAIT_NAMES).timeout);
    return this.#receivers.serveBlocking((source) => source.block(left())) ? this.#takeBlocking(left()) : null;
  }

  /** Passes the next message on in the moment in which it leaves the ring. */
  #receiveTo(pass: (message: Buffer) => unknown, options: RingWaitOptions & { timeout: number }): Promise<unknown> {
    const passed = (message: Buffer | null) => (message === null ? NOT_YET : pass(message));
    const attempt = () => {
      const id = NamedObject.idOf(this);
      return passed(this.#take(id, (...target) => ring.receive(id, ...target, false)));
    };
    const block = (timeout: number) => passed(this.#takeBlocking(timeout));
    const start = () => ring.wait(NamedObject.idOf(this), false, 0);
    return this.#receivers.join({ attempt, block, start }, options);
  }

  stats(): RingStats {
    return ring.stats(NamedObject.idOf(this));
  }

  readable(options?: unknown): Readable {
    const receiveTo = (pass: (message: Buffer) => unknown, signal: AbortSignal) => this.#receiveTo(pass, { signal, timeout: FOREVER });
    const giveBack = (messages: Buffer[]) => {
      this.#returned.unshift(...messages);
      this.#receivers.notify();
    };
    return readableOf({ receiveTo, giveBack, isClosed: () => this.closed }, options);
  }

  writable(options?: unknown): Writable {
    return writableOf(this, options);
  }

  [Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    return takeEach((signal) => this.#next(signal));
  }

  /** Receives the next message; null once this handle is closed. */
  #next(signal: AbortSignal): Promise<Buffer | null> {
    return this.receive({ signal }).catch((error: unknown) => {
      if (this.closed) return null;
      throw error;
    });
  }

  /** Returns the next message, or null if there is none. */
  #take(id: number, fill: Fill): Buffer | null {
    const messages = id === 0 ? [] : this.#returned.splice(0, 1);
    if (messages.length === 0) receiveInto(messages, 1, fill);
    if (messages.length > 0) notifyLocal(this);
    return messages[0] ?? null;
  }

  #takeBlocking(timeout: number): Buffer | null {
    const id = NamedObject.idOf(this);
    const left = countdown(timeout);
    return this.#take(id, (...target) => ring.receiveSync(id, ...target, left()));
  }

  #put(id: number, bytes: Uint8Array, mayBlock: boolean): boolean {
    const sent = ring.send(id, bytes, mayBlock) === 1;
    if (sent) notifyLocal(this);
    return sent;
  }
}

Object.defineProperty(SharedRing.prototype, Symbol.toStringTag, { value: 'SharedRing', configurable: true });
showOpened(SharedRing.prototype, (object) => {
  const { messages, used, capacity } = object.stats();
  return { messages, used: `${used} of ${capacity} bytes` };
});

/** Returns a function that returns the seconds left; negative for no limit. */
function countdown(seconds: number): () => number {
  const deadline = now() + seconds * 1000;
  return () => (seconds < 0 ? seconds : Math.max(0, deadline - now()) / 1000);
}

/** Copies the first message to an array and removes it. Returns its length, or undefined if there is none. */
function copyFirst(messages: Buffer[], target: Uint8Array, offset: number): number | undefined {
  const [message] = messages;
  if (message === undefined) return undefined;
  if (message.length > target.length - offset) throw outOfRange('target', `large enough for the next message of ${message.length} bytes`, target);
  target.set(message, offset);
  messages.shift();
  return message.length;
}

function ringOptions(argument: unknown): NativeRingOptions {
  const [{ wipe }, checked] = sizedOptions(argument, RING_NAMES);
  return { ...checked, wipe: checkBoolean('options.wipe', wipe) };
}
