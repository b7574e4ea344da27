import { once } from 'node:events';
import { Readable, Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import test from 'ava';
import { until } from '../support/clock';
import { fillUp, makeRing, openRing, texts } from '../support/ring';

test('ring streams: chunks become messages and chunks again, empty ones too', async (t) => {
  const ring = makeRing(t);
  const writable = ring.writable();
  for (const chunk of ['one', '', 'three']) writable.write(chunk);
  writable.end(Buffer.from('last'));
  await once(writable, 'finish');
  const seen: string[] = [];
  for await (const chunk of openRing(t, ring).readable()) {
    seen.push(String(chunk));
    if (seen.length === 4) break;
  }
  t.deepEqual(seen, ['one', '', 'three', 'last']);
});

test('ring streams: a writable holds back while the ring is full', async (t) => {
  const ring = makeRing(t, '4kb');
  const other = openRing(t, ring);
  const writable = ring.writable({ highWaterMark: 2000 });
  for (let index = 0; index < 10; index += 1) writable.write(Buffer.alloc(1000, index));
  await until(() => other.stats().messages === 4);
  t.true(writable.writableNeedDrain);
  const drained = once(writable, 'drain');
  for (let index = 0; index < 10; index += 1) t.is((await other.receive())?.[0], index);
  await drained;
});

test('ring streams: megabytes pass a small ring through pipelines', async (t) => {
  const ring = makeRing(t, '64kb');
  const other = openRing(t, ring);
  const total = 4_000_000;
  const source = Readable.from((function* () {
    for (let sent = 0; sent < total; sent += 8000) yield Buffer.alloc(8000, sent / 8000);
  })());
  let received = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      received += chunk.length;
      if (received === total) other.close();
      done(null, chunk);
    },
  });
  const digest: number[] = [];
  await Promise.all([
    pipeline(source, ring.writable()),
    pipeline(other.readable(), count, createGzip(), createGunzip(), async (chunks) => {
      for await (const chunk of chunks as AsyncIterable<Buffer>) digest.push(chunk.length);
    }),
  ]);
  t.is(digest.reduce((sum, length) => sum + length, 0), total);
});

test('ring streams: a destroyed readable has taken no message that was not asked for', async (t) => {
  const ring = makeRing(t);
  const readable = openRing(t, ring).readable();
  ring.trySendMany(['one', 'two', 'three']);
  t.is(String((await once(readable, 'data'))[0]), 'one');
  readable.destroy();
  await once(readable, 'close');
  const rest = texts(ring.tryReceiveMany(9));
  t.is(rest.at(-1), 'three');
});

test('ring streams: a destroyed writable gives up its wait', async (t) => {
  const ring = makeRing(t, '4kb');
  fillUp(ring);
  const writable = ring.writable();
  const wrote = new Promise((done) => writable.write(Buffer.alloc(2000), done));
  writable.destroy();
  t.is(((await wrote) as Error & { code: string }).code, 'ABORT_ERR');
  ring.tryReceiveMany(9);
  t.true(await ring.send('x'));
  t.deepEqual(texts(ring.tryReceiveMany(9)), ['x']);
});

test('ring streams: a writable emits an error when a chunk is larger than the ring', async (t) => {
  const writable = makeRing(t, '4kb').writable();
  writable.write(Buffer.alloc(5000));
  t.like((await once(writable, 'error'))[0], { code: 'ERR_SHM_TOO_LARGE' });
});

test('ring streams: a stream is destroyed when its signal fires', async (t) => {
  const controller = new AbortController();
  const readable = makeRing(t).readable({ signal: controller.signal });
  readable.resume();
  controller.abort();
  t.like((await once(readable, 'error'))[0], { name: 'AbortError' });
});

test('ring streams: wrong options are refused', (t) => {
  const ring = makeRing(t);
  t.throws(() => ring.readable({ highWaterMark: -1 }), { code: 'ERR_OUT_OF_RANGE' });
  t.throws(() => ring.writable('x' as never), { code: 'ERR_INVALID_ARG_TYPE' });
});

for (const [title, attach] of [
  ['a listener', (readable: Readable, seen: string[]) => void readable.on('data', (chunk) => seen.push(String(chunk)))],
  ['a pipe', (readable: Readable, seen: string[]) => void readable.pipe(new Writable({ objectMode: true, write: (chunk, _, done) => (seen.push(String(chunk)), done()) }))],
] as const) {
  test(`ring streams: a destroyed readable with ${title} gives each unread message back, once`, async (t) => {
    const ring = makeRing(t);
    const other = openRing(t, ring);
    const readable = other.readable({ highWaterMark: 4 });
    const seen: string[] = [];
    attach(readable, seen);
    readable.pause();
    ring.trySendMany(['one', 'two', 'three', 'four', 'five']);
    // One message more may be on its way from the ring into the stream.
    readable.read(0);
    await until(() => readable.readableLength === 4);
    readable.destroy();
    await once(readable, 'close');
    t.deepEqual(seen, []);
    t.deepEqual(texts(other.tryReceiveMany(9)), ['one', 'two', 'three', 'four', 'five']);
    t.is(readable.read(), null);
  });
}

test('ring streams: a destroyed readable gives messages back as bytes after setEncoding', async (t) => {
  const ring = makeRing(t);
  const readable = ring.readable({ highWaterMark: 5 });
  readable.setEncoding('utf8');
  ring.trySendMany(['héllo', 'b']);
  readable.read(0);
  await until(() => readable.readableLength === 2);
  readable.destroy();
  await once(readable, 'close');
  t.deepEqual(ring.tryReceiveMany(9), [Buffer.from('héllo'), Buffer.from('b')]);
});
