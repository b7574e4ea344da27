// The two ends of a ring as Node streams.
import type { Readable, Writable } from 'node:stream';
import { callbackify } from 'node:util';
import { checkInteger, checkObject } from '../arguments/check.js';
import { AbortController } from '../addon/intrinsics.js';
import { stream } from '../addon/lazy.js';
import type { SharedRing } from './shared-ring.js';
import type { RingStreamOptions } from './types.js';

/** Yields messages one by one: a stream in object mode keeps empty ones, and never joins two. */
export function readableOf(ring: SharedRing, argument: unknown): Readable {
  const { highWaterMark = 0, ...options } = streamOptions(argument);
  const waits = new AbortController();
  const { Readable: Stream } = stream();
  return new Stream({
    ...options,
    objectMode: true,
    // By default a message leaves the ring only when it is read, so that a destroyed stream loses none.
    highWaterMark,
    read() {
      ring.receive({ signal: waits.signal }).then(
        (message) => this.push(message),
        // A closed handle ends the stream.
        (error: Error) => (ring.closed ? this.push(null) : this.destroy(error)),
      );
    },
    destroy(error, done) {
      waits.abort();
      done(error);
    },
  });
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
  const { signal, highWaterMark } = checkObject<RingStreamOptions>('options', argument);
  return {
    ...(signal && { signal }),
    ...(highWaterMark !== undefined && { highWaterMark: checkInteger('options.highWaterMark', highWaterMark, 0) }),
  };
}
