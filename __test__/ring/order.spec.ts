import { setImmediate as turn } from 'node:timers/promises';
import test from 'ava';
import { fillUp, makeRing, openRing, texts } from '../support/ring';

test('SharedRing: sendSync comes after the sends that wait already', async (t) => {
  const ring = makeRing(t);
  const other = openRing(t, ring);
  const filled = fillUp(ring, 5000);
  const first = ring.send(Buffer.alloc(5000, 'A'));
  const second = ring.send(Buffer.alloc(5000, 'B'));
  t.false(ring.sendSync(Buffer.alloc(5000, 'C'), 0.01));
  t.is(other.tryReceiveMany(filled).length, filled);
  t.true(ring.sendSync(Buffer.alloc(5000, 'C'), { timeout: 10 }));
  t.deepEqual(await Promise.all([first, second]), [true, true]);
  t.deepEqual(other.tryReceiveMany(10).map((message) => message.toString()[0]), ['A', 'B', 'C']);
});

test('SharedRing: receiveSync comes after the receives that wait already', async (t) => {
  const ring = makeRing(t);
  const other = openRing(t, ring);
  const first = ring.receive();
  const second = ring.receive();
  await turn();
  other.trySendMany(['A', 'B', 'C']);
  t.is(ring.tryReceive(), null);
  t.deepEqual(ring.tryReceiveMany(3), []);
  t.is(ring.tryReceiveInto(Buffer.alloc(9)), -1);
  t.is(String(ring.receiveSync({ timeout: 10 })), 'C');
  t.deepEqual(texts(await Promise.all([first, second])), ['A', 'B']);
  t.is(ring.receiveSync(0.01), null);
});

test('SharedRing: a send whose buffer was transferred away fails alone', async (t) => {
  const ring = makeRing(t);
  const filled = fillUp(ring, 5000);
  const lost = new Uint8Array(5000);
  const sends = [ring.send(Buffer.alloc(5000, 'A')), ring.send(lost), ring.send(Buffer.alloc(5000, 'C'))];
  structuredClone(lost, { transfer: [lost.buffer] });
  openRing(t, ring).tryReceiveMany(filled);
  const [first, second, third] = await Promise.allSettled(sends);
  t.is(first?.status, 'fulfilled');
  t.is(second?.status === 'rejected' && (second.reason as { code: string }).code, 'ERR_INVALID_ARG_TYPE');
  t.is(third?.status, 'fulfilled');
});

test('SharedRing: the first of several sends may be the one whose buffer is gone', async (t) => {
  const ring = makeRing(t);
  const filled = fillUp(ring, 5000);
  const lost = new Uint8Array(5000);
  const sends = [ring.send(lost), ring.send('B')];
  structuredClone(lost, { transfer: [lost.buffer] });
  openRing(t, ring).tryReceiveMany(filled);
  const outcomes = await Promise.allSettled(sends);
  t.deepEqual(outcomes.map(({ status }) => status), ['rejected', 'fulfilled']);
});

for (const highWaterMark of [0, 1, 3]) {
  test(`SharedRing: a stream with a mark of ${highWaterMark} that is destroyed loses nothing`, async (t) => {
    const ring = makeRing(t);
    const sender = openRing(t, ring);
    const all = Array.from({ length: 20 }, (_, index) => `message ${index}`);
    const seen: string[] = [];
    for (let round = 0; round < 5; round += 1) {
      const stream = ring.readable({ highWaterMark });
      stream.on('readable', () => {
        const message = stream.read() as Buffer | null;
        if (message !== null) seen.push(String(message));
      });
      await turn();
      sender.trySendMany(all.slice(round * 4, round * 4 + 4));
      for (let turns = 0; turns < round; turns += 1) await turn();
      stream.destroy();
      await turn();
    }
    for (let message = ring.tryReceive(); message !== null; message = ring.tryReceive()) seen.push(String(message));
    t.deepEqual(seen, all);
  });
}

test('SharedRing: what a destroyed stream gives back goes to every form of receiving, in order', async (t) => {
  const ring = makeRing(t);
  openRing(t, ring).trySendMany(['A', 'B', 'C', 'D', 'E']);
  const stream = ring.readable({ highWaterMark: 4 });
  stream.once('readable', () => {});
  for (let turns = 0; turns < 10; turns += 1) await turn();
  stream.destroy();
  const target = Buffer.alloc(1);
  t.is(ring.tryReceiveInto(target), 1);
  t.is(String(target), 'A');
  t.is(String(await ring.receive()), 'B');
  t.is(String(ring.receiveSync(1)), 'C');
  t.deepEqual(texts(ring.tryReceiveMany(5)), ['D', 'E']);
  t.is(ring.tryReceive(), null);
});
