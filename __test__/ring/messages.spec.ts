import { createHash } from 'node:crypto';
import test from 'ava';
import { SharedRing } from 'shmkit';
import { startChild } from '../support/child';
import { now } from '../support/clock';
import { fillUp, makeRing, openRing, texts } from '../support/ring';
import { seeded } from '../support/random';
import { throwsArgType, throwsShm } from '../support/throws';

test('SharedRing: messages come out as they went in, in their order', (t) => {
  const ring = makeRing(t);
  const other = openRing(t, ring);
  t.is(other.tryReceive(), null);
  t.true(ring.trySend('first'));
  t.true(ring.trySend(Buffer.from([0, 255, 0])));
  t.true(ring.trySend('schön, 日本, 😀'));
  t.deepEqual(other.stats(), { capacity: 65536, used: 64, messages: 3, sent: 3, received: 0, processes: 1, takeovers: { senders: 0, receivers: 0 } });
  t.is(String(other.tryReceive()), 'first');
  const bytes = other.tryReceive();
  t.true(Buffer.isBuffer(bytes));
  t.deepEqual([...(bytes as Buffer)], [0, 255, 0]);
  t.is(String(other.tryReceive()), 'schön, 日本, 😀');
  t.is(other.tryReceive(), null);
  t.like(ring.stats(), { used: 0, messages: 0, sent: 3, received: 3 });
});

test('SharedRing: the capacity is rounded up to a page, and compared rounded', (t) => {
  const ring = makeRing(t, 10_000);
  using found = SharedRing.openOrCreate(ring.name, { size: 12_000 });
  t.is(found.stats().capacity, 12_288);
  throwsShm(t, () => SharedRing.openOrCreate(ring.name, 20_000), 'ERR_SHM_OPTIONS_MISMATCH');
});

test('SharedRing: an empty message is a message', async (t) => {
  const ring = makeRing(t);
  t.true(ring.trySend(''));
  t.true(await ring.send(new Uint8Array(0)));
  t.is(ring.stats().messages, 2);
  t.is((await ring.receive())?.length, 0);
  t.is(ring.tryReceive()?.length, 0);
  t.is(ring.tryReceive(), null);
});

test('SharedRing: messages of every length pass the end of the ring whole', (t) => {
  const ring = makeRing(t, '16kb');
  const below = seeded(t);
  let passed = 0;
  for (let round = 0; passed < 1_000_000; round += 1) {
    const length = round < 3000 ? round : below(16_000);
    const message = Buffer.alloc(length, createHash('md5').update(String(round)).digest());
    t.true(ring.trySend(message));
    const received = ring.tryReceive() as Buffer;
    if (!received.equals(message)) t.fail(`a message of ${length} bytes is another one after ${passed} bytes`);
    passed += length;
  }
});

test('SharedRing: trySendMany and tryReceiveMany pass as many as there is room for', (t) => {
  const ring = makeRing(t, '4kb');
  const messages = Array.from({ length: 100 }, (_, index) => Buffer.alloc(56, index));
  t.is(ring.trySendMany(messages), 64);
  t.is(ring.trySendMany(messages), 0);
  t.false(ring.trySend(''));
  const first = ring.tryReceiveMany(10);
  t.deepEqual(first, messages.slice(0, 10));
  t.is(ring.trySendMany(messages.slice(64)), 10);
  t.deepEqual(ring.tryReceiveMany(1000), messages.slice(10, 74));
  t.deepEqual(ring.tryReceiveMany(1000), []);
  t.is(ring.trySendMany([]), 0);
});

test('SharedRing: tryReceiveMany returns thousands of small messages and large ones in order', (t) => {
  const ring = makeRing(t, '1mb');
  const messages = Array.from({ length: 5000 }, (_, index) => Buffer.alloc(index % 500 === 7 ? 20_000 + index : index % 50, index));
  t.is(ring.trySendMany(messages), 5000);
  t.deepEqual(ring.tryReceiveMany(4000), messages.slice(0, 4000));
  t.deepEqual(ring.tryReceiveMany(4000), messages.slice(4000));
});

test('SharedRing: tryReceiveMany returns all large messages in one call', (t) => {
  const ring = makeRing(t, '1mb');
  const messages = Array.from({ length: 12 }, (_, index) => Buffer.alloc(index === 5 ? 9 : 80_000 - index, index));
  t.is(ring.trySendMany(messages), 12);
  t.deepEqual(ring.tryReceiveMany(1000), messages);
});

test('SharedRing: tryReceiveMany returns at most one ring full while others send', async (t) => {
  const BYTES = 65_536;
  const ring = makeRing(t, '1mb');
  const child = startChild(t, 'ring-flood', [ring.name, BYTES]);
  await child.next();
  const end = now() + 60;
  let total = 0;
  while (total < 2000 && now() < end) {
    const messages = ring.tryReceiveMany(1_000_000);
    t.true(messages.length <= Math.floor(2 ** 20 / (BYTES + 8)), `${messages.length} messages at once`);
    t.true(messages.every((message) => message.length === BYTES));
    total += messages.length;
  }
  t.true(total >= 2000, `${total} messages in a minute`);
});

test('SharedRing: a received message belongs to the caller', (t) => {
  const ring = makeRing(t);
  ring.trySendMany(['one', 'two', 'three']);
  const [one, two] = ring.tryReceiveMany(2) as [Buffer, Buffer];
  one.fill('x');
  ring.trySend('four');
  t.deepEqual(texts([one, two, ...ring.tryReceiveMany(9)]), ['xxx', 'two', 'three', 'four']);
});

test('SharedRing: transferring one received message leaves the others', (t) => {
  const ring = makeRing(t);
  ring.trySendMany(['one', 'two']);
  const [one, two] = ring.tryReceiveMany(2) as [Buffer, Buffer];
  try {
    structuredClone(one, { transfer: [one.buffer as ArrayBuffer] });
  } catch (error) {
    // Runtimes differ: they refuse, or copy.
    t.is((error as Error).name, 'DataCloneError');
  }
  ring.trySend('three');
  t.deepEqual(texts([two, ring.tryReceive()]), ['two', 'three']);
});

test('SharedRing: a message may fill the ring, and a larger one throws ERR_SHM_TOO_LARGE', async (t) => {
  const ring = makeRing(t, '64kb');
  const { capacity } = ring.stats();
  const most = Buffer.alloc(capacity - 8, 'most');
  t.true(ring.trySend(most));
  t.false(ring.trySend(''));
  t.deepEqual(ring.tryReceive(), most);
  t.true(ring.trySend('x'));
  t.false(ring.trySend(most));
  const error = throwsShm(t, () => ring.trySend(Buffer.alloc(capacity - 7)), 'ERR_SHM_TOO_LARGE');
  t.like(error, { size: capacity - 7, limit: capacity - 8 });
  throwsShm(t, () => ring.trySendMany(['y', Buffer.alloc(capacity)]), 'ERR_SHM_TOO_LARGE');
  throwsShm(t, () => ring.sendSync(Buffer.alloc(capacity)), 'ERR_SHM_TOO_LARGE');
  await t.throwsAsync(ring.send(Buffer.alloc(capacity)), { code: 'ERR_SHM_TOO_LARGE' });
  t.deepEqual(texts(ring.tryReceiveMany(9)), ['x']);
});

test('SharedRing: a message of 20 MiB passes', (t) => {
  const ring = makeRing(t, '24mb');
  const huge = Buffer.alloc(20 * 2 ** 20, createHash('sha512').update('huge').digest());
  for (let round = 0; round < 3; round += 1) {
    t.true(ring.trySend(huge));
    t.true((ring.tryReceive() as Buffer).equals(huge));
  }
});

test('SharedRing: a full ring has room again as soon as a message was received', (t) => {
  const ring = makeRing(t, '8kb');
  const sent = fillUp(ring);
  t.is(sent, 8);
  t.is(ring.tryReceive()?.[0], 0);
  t.is(fillUp(ring), 1);
  t.is(ring.tryReceiveMany(99).length, 8);
});

test('SharedRing: trySend takes views of shared memory and views with an offset', (t) => {
  const ring = makeRing(t);
  const shared = new Uint8Array(new SharedArrayBuffer(8), 2, 3).fill(7);
  ring.trySend(shared);
  ring.trySend(new Uint8Array([1, 2, 3, 4]).subarray(1, 3));
  t.is(ring.trySendMany([shared, 'text']), 2);
  t.deepEqual(ring.tryReceiveMany(9).map((message) => [...message]), [[7, 7, 7], [2, 3], [7, 7, 7], [...Buffer.from('text')]]);
});

for (const data of [undefined, null, 1, {}, ['a'], new Uint16Array(2), new ArrayBuffer(2), new DataView(new ArrayBuffer(2))]) {
  test(`SharedRing: all ways to send refuse ${Object.prototype.toString.call(data)}`, async (t) => {
    const ring = makeRing(t);
    throwsArgType(t, () => ring.trySend(data as never));
    throwsArgType(t, () => ring.trySendMany(['fine', data as never]));
    throwsArgType(t, () => ring.sendSync(data as never));
    await t.throwsAsync(ring.send(data as never), { code: 'ERR_INVALID_ARG_TYPE' });
    t.is(ring.tryReceive(), null);
  });
}

test('SharedRing: tryReceiveInto copies a message into the target', (t) => {
  const ring = makeRing(t);
  const target = new Uint8Array(8);
  t.is(ring.tryReceiveInto(target), -1);
  ring.trySendMany(['', 'one', 'too long', 'two']);
  t.is(ring.tryReceiveInto(target), 0);
  t.is(ring.tryReceiveInto(target, 2), 3);
  t.is(Buffer.from(target).toString('latin1'), '\0\0one\0\0\0');
  t.throws(() => ring.tryReceiveInto(target, 1), { code: 'ERR_OUT_OF_RANGE', message: /8 bytes/ });
  t.is(ring.tryReceiveInto(target), 8);
  const shared = new Uint8Array(new SharedArrayBuffer(8));
  t.is(ring.tryReceiveInto(shared, 5), 3);
  t.is(String(Buffer.from(shared)).slice(5), 'two');
  for (const offset of [-1, 8, 1.5, NaN]) t.throws(() => ring.tryReceiveInto(target, offset), { code: 'ERR_OUT_OF_RANGE' });
  t.throws(() => ring.tryReceiveInto(new Uint8Array(0)), { code: 'ERR_OUT_OF_RANGE' });
  throwsArgType(t, () => ring.tryReceiveInto([] as never));
});

test('SharedRing: other wrong arguments are refused', async (t) => {
  const ring = makeRing(t);
  const detached = Buffer.alloc(8192);
  structuredClone(detached, { transfer: [detached.buffer] });
  throwsArgType(t, () => ring.trySendMany('ab' as never));
  throwsArgType(t, () => ring.trySend(detached));
  for (const max of [0, -1, 1.5, NaN]) t.throws(() => ring.tryReceiveMany(max), { code: 'ERR_OUT_OF_RANGE' });
  throwsArgType(t, () => ring.tryReceiveMany('1' as never));
  throwsArgType(t, () => ring.receiveSync('1' as never));
  await t.throwsAsync(ring.receive({ timeout: -1 }), { code: 'ERR_OUT_OF_RANGE' });
  await t.throwsAsync(ring.receive({ signal: {} as never }), { code: 'ERR_INVALID_ARG_TYPE' });
  await t.throwsAsync(ring.send('x', 1 as never), { code: 'ERR_INVALID_ARG_TYPE' });
  await t.throwsAsync(ring.send('x', { timeout: NaN }), { code: 'ERR_OUT_OF_RANGE' });
  t.is(ring.tryReceive(), null);
  throwsArgType(t, () => SharedRing.create('x', undefined as never));
  throwsArgType(t, () => SharedRing.create('x', { size: true as never }));
  t.throws(() => SharedRing.create('x', 0), { code: 'ERR_OUT_OF_RANGE' });
  t.throws(() => SharedRing.create('x', '3000tb'), { code: 'ERR_OUT_OF_RANGE' });
});

test('trySendMany reads each element once when an array has a map of its own', (t) => {
  const ring = makeRing(t);
  class Detaching extends Array<Uint8Array> {
    // What a subclass makes could take the memory of one element away while another is read.
    override map(): never[] {
      throw new Error('not for trySendMany');
    }
  }
  t.is(ring.trySendMany(Detaching.from([Buffer.from('a'), Buffer.from('b')])), 2);
  t.deepEqual(texts(ring.tryReceiveMany(2)), ['a', 'b']);
});
