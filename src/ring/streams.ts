// The two ends of a ring as Node streams.
import type { Readable, Writable } from 'node:stream';
import { callbackify } from 'node:util';
import { checkInteger } from '../arguments/check.js';
import { checkOptions, type OptionNames } from '../arguments/options.js';
import { AbortController } from '../addon/intrinsics.js';
import { stream } from '../addon/lazy.js';
import type { SharedRing } from './shared-ring.js';
import type { RingStreamOptions } from './types.js';

const STREAM_NAMES: OptionNames<RingStreamOptions> = { signal: true, highWaterMark: true };

/** Where a stream gets its messages. */
interface MessageSource {
  /** Passes the next message on in the moment in which it leaves the ring. */
  receiveTo(pass: (message: Buffer) => unknown, signal: AbortSignal): Promise<unknown>;
  /** Takes messages that were not passed on. */
  giveBack(messages: Buffer[]): void;
  isClosed(): boolean;
}

/** Yields messages one by one: a stream in object mode keeps empty ones, and never joins two. */
export function readableOf(source: MessageSource, argument: unknown): Readable {
  const { highWaterMark = 0, ...options } = streamOptions(argument);
  const waits = new AbortController();
  /** A message that has left the ring and is on its way into the stream. */
  let taken: Buffer | undefined;
  const keep = (message: Buffer) => (taken = message);
  const { Readable: Stream } = stream();
  return new Stream({
    ...options,
    objectMode: true,
    // By default a message leaves the ring only when it is read.
    highWaterMark,
    read() {
      // One call at a time: the stream asks again once it has got a message.
      source.receiveTo(keep, waits.signal).then(
        () => {
          const message = taken;
          taken = undefined;
          if (message !== undefined) this.push(message);
        },
        // A closed handle ends the stream.
        (error: Error) => (source.isClosed() ? this.push(null) : this.destroy(error)),
      );
    },
    destroy(error, done) {
      waits.abort();
      const unread = unreadOf(this);
      source.giveBack(taken === undefined ? unread : [...unread, taken]);
      taken = undefined;
      done(error);
    },
  });
}

/** Removes the messages that a stream has and nothing has read, and its listeners for them: reading would pass them on. */
function unreadOf(readable: Readable): Buffer[] {
  const messages: Buffer[] = [];
  readable.removeAllListeners('data');
  const next = () => readable.read() as Buffer | string | null;
  for (let message = next(); message !== null; message = next()) {
    // A text after `setEncoding`.
    messages.push(typeof message === 'string' ? Buffer.from(message, readable.readableEncoding ?? undefined) : message);
  }
  return messages;
}

/** Sends each chunk as a message. A chunk is accepted once it fits into the ring. */
export function writableOf(ring: SharedRing, argument: unknown): Writable {
  const waits = new AbortController();
  const send = callbackify((chunks: Buffer[]) => sendAll(ring, chunks, waits.signal));
  const { Writable: Stream } = stream();
  return new Stream({
    ...streamOptions(argument),
    write(chunk: Buffer, _encoding, done) {
      send([chunk], done);
    },
    writev(chunks, done) {
      send(chunks.map(({ chunk }) => chunk as Buffer), done);
    },
    destroy(error, done) {
      waits.abort();
      done(error);
    },
  });
}

async function sendAll(ring: SharedRing, chunks: Buffer[], signal: AbortSignal): Promise<void> {
  for (let sent = 0; sent < chunks.length; ) {
    sent += ring.trySendMany(chunks.slice(sent));
    const next = chunks[sent];
    if (!next) return;
    await ring.send(next, { signal });
    sent += 1;
  }
}

function streamOptions(argument: unknown): RingStreamOptions {
  const { signal, highWaterMark } = checkOptions('options', argument, STREAM_NAMES);
  return {
    ...(signal && { signal }),
    ...(highWaterMark !== undefined && { highWaterMark: checkInteger('options.highWaterMark', highWaterMark, 0) }),
  };
}
