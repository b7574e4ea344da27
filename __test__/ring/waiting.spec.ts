import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { startChild } from '../support/child';
import { now } from '../support/clock';
import { fillUp, makeRing, openRing, texts } from '../support/ring';

test('SharedRing: receive returns a present message at once, and else waits for one', async (t) => {
  const ring = makeRing(t);
  ring.trySend('there');
  t.is(String(await ring.receive()), 'there');
  const child = startChild(t, 'ring', [ring.name]);
  await child.next();
  const waiting = ring.receive();
  await setTimeout(1);
  t.true(await child.ask(['trySend', 'later']));
  t.is(String(await waiting), 'later');
});

test('SharedRing: send waits for room that another process makes', async (t) => {
  const ring = makeRing(t, '4kb');
  const child = startChild(t, 'ring', [ring.name]);
  await child.next();
  fillUp(ring);
  const waiting = ring.send(Buffer.alloc(2000, 'last'));
  await setTimeout(1);
  t.is((await child.ask<Uint8Array[]>(['tryReceiveMany', 4])).length, 4);
  t.true(await waiting);
  t.is(ring.tryReceive()?.length, 2000);
});

test('SharedRing: receive and send return null and false at their timeout, not before', async (t) => {
  const ring = makeRing(t, '4kb');
  t.is(await ring.receive({ timeout: 0 }), null);
  const start = now();
  t.is(await ring.receive({ timeout: 0.03 }), null);
  t.true(now() - start >= 0.03);
  fillUp(ring);
  t.false(await ring.send(Buffer.alloc(500), { timeout: 0 }));
  t.false(await ring.send(Buffer.alloc(500), { timeout: 0.01 }));
  t.is(ring.receiveSync(0)?.length, 1000);
  t.is(ring.stats().messages, 3);
});

test('SharedRing: an aborted wait rejects, and takes and sends nothing', async (t) => {
  const ring = makeRing(t, '4kb');
  const controller = new AbortController();
  const waiting = ring.receive({ signal: controller.signal });
  controller.abort(new Error('why'));
  const error = await t.throwsAsync(waiting, { name: 'AbortError' });
  t.is((error as Error & { cause: Error }).cause.message, 'why');
  await t.throwsAsync(ring.receive({ signal: AbortSignal.abort() }), { name: 'AbortError' });
  await t.throwsAsync(ring.send('x', { signal: AbortSignal.abort() }), { name: 'AbortError' });
  ring.trySend('kept');
  t.is(String(await ring.receive()), 'kept');
});

test('SharedRing: no message is lost when it meets an abort', async (t) => {
  const ring = makeRing(t);
  const other = openRing(t, ring);
  for (let round = 0; round < 200; round += 1) {
    const controller = new AbortController();
    const waiting = ring.receive({ signal: controller.signal }).catch(() => null);
    if (round % 3 === 0) await setTimeout(0);
    other.trySend(String(round));
    if (round % 2 === 0) await setTimeout(0);
    controller.abort();
    t.is(String((await waiting) ?? ring.tryReceive()), String(round));
  }
  t.is(ring.tryReceive(), null);
});

test('SharedRing: receivers of one handle are served in their order', async (t) => {
  const ring = makeRing(t, '4kb');
  const received = Array.from({ length: 50 }, () => ring.receive());
  for (let index = 0; index < 50; index += 1) await ring.send(String(index));
  t.deepEqual(texts(await Promise.all(received)), Array.from({ length: 50 }, (_, index) => String(index)));
});

test('SharedRing: small messages wait behind a large one', async (t) => {
  const ring = makeRing(t, '4kb');
  const other = openRing(t, ring);
  fillUp(ring);
  const waiting = [Buffer.alloc(3000, 'large'), Buffer.from('small'), Buffer.from('last')].map((message) => ring.send(message));
  t.false(ring.trySend('not before the waiting ones'));
  t.is(ring.trySendMany(['nor', 'these']), 0);
  await setTimeout(1);
  t.is(other.tryReceiveMany(3).length, 3);
  t.deepEqual(await Promise.all([waiting[0], waiting[1]]), [true, true]);
  const rest: Buffer[] = [];
  while (rest.length < 4) rest.push((await other.receive({ timeout: 60 })) as Buffer);
  t.true(await waiting[2]);
  t.deepEqual(rest.map((message) => message.length), [1000, 3000, 5, 4]);
});

test('SharedRing: senders behind one that gives up go on', async (t) => {
  const ring = makeRing(t, '4kb');
  fillUp(ring, 900);
  const controller = new AbortController();
  const large = ring.send(Buffer.alloc(3000), { signal: controller.signal });
  const timed = ring.send(Buffer.alloc(3000), { timeout: 0.02 });
  const small = ring.send('small');
  controller.abort();
  await t.throwsAsync(large, { name: 'AbortError' });
  t.false(await timed);
  t.true(await small);
});

test('SharedRing: ten thousand waits are served, and as many aborts leave nothing behind', async (t) => {
  const ring = makeRing(t, '1mb');
  const all = Array.from({ length: 10_000 }, () => ring.receive());
  const messages = Array.from({ length: 10_000 }, (_, index) => String(index));
  t.is(openRing(t, ring).trySendMany(messages), 10_000);
  t.deepEqual(texts(await Promise.all(all)), messages);
  const controller = new AbortController();
  const aborted = Array.from({ length: 10_000 }, () => ring.receive({ signal: controller.signal }).catch((error: Error) => error.name));
  controller.abort();
  t.deepEqual([...new Set(await Promise.all(aborted))], ['AbortError']);
  ring.trySend('x');
  t.is(String(await ring.receive()), 'x');
});

test('SharedRing: close rejects the waits of the handle and ends its iteration', async (t) => {
  const ring = makeRing(t);
  const other = openRing(t, ring);
  const waiting = ring.receive();
  const iteration = (async () => {
    const seen: string[] = [];
    for await (const message of ring) seen.push(String(message));
    return seen;
  })();
  const others = other.receive();
  ring.close();
  await t.throwsAsync(waiting, { code: 'ERR_SHM_CLOSED' });
  await t.throwsAsync(ring.receive(), { code: 'ERR_SHM_CLOSED' });
  t.deepEqual(await iteration, []);
  other.trySend('x');
  t.is(String(await others), 'x');
});

test('SharedRing: iteration yields messages as they come, and takes none too many', async (t) => {
  const ring = makeRing(t);
  const other = openRing(t, ring);
  const seen: string[] = [];
  other.trySendMany(['0', '1']);
  for await (const message of ring) {
    seen.push(String(message));
    if (seen.length === 3) other.trySendMany(['3', '4', '5']);
    if (seen.length === 5) break;
    if (seen.length === 2) setImmediate(() => other.trySend('2'));
  }
  t.deepEqual(seen, ['0', '1', '2', '3', '4']);
  t.is(String(ring.tryReceive()), '5');
});

test('SharedRing: ending an iterator ends its wait, and the next message is left to others', async (t) => {
  const ring = makeRing(t);
  const messages = ring[Symbol.asyncIterator]();
  const next = messages.next();
  t.deepEqual(await messages.return(), { done: true, value: undefined });
  t.deepEqual(await next, { done: true, value: undefined });
  ring.trySend('left');
  t.is(String(ring.tryReceive()), 'left');
});

test('SharedRing: sendSync and receiveSync wait for another process', async (t) => {
  const ring = makeRing(t, '4kb');
  const child = startChild(t, 'ring', [ring.name]);
  await child.next();
  const received = child.ask(['receiveSync', 60]);
  t.true(ring.sendSync('x'));
  t.is(String(Buffer.from((await received) as Uint8Array)), 'x');
  fillUp(ring);
  t.false(ring.sendSync(Buffer.alloc(900), 0.01));
  const sent = child.ask(['sendSync', 'y', 60]);
  t.is(ring.receiveSync(60)?.length, 1000);
  t.true(await sent);
  t.is(ring.tryReceiveMany(9).length, 4);
  t.is(ring.receiveSync(0.01), null);
});

test('SharedRing: receiveSync returns a message of any size after it has waited', async (t) => {
  const ring = makeRing(t, '1mb');
  const child = startChild(t, 'ring', [ring.name]);
  await child.next();
  const received = child.ask<Uint8Array>(['receiveSync', 60]);
  await setTimeout(5);
  ring.trySend(Buffer.alloc(500_000, 'large'));
  t.true(Buffer.alloc(500_000, 'large').equals(await received));
});
