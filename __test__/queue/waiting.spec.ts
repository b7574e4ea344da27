import { Readable } from 'node:stream';
import { setImmediate, setTimeout } from 'node:timers/promises';
import test from 'ava';
import { now } from '../support/clock';
import { claimed, makeQueue, openQueue } from '../support/queue';

test('SharedQueue: claim returns a ready job at once, and else waits for one', async (t) => {
  const queue = makeQueue(t);
  const other = openQueue(t, queue);
  queue.push('there');
  t.is((await queue.claim())?.value, 'there');
  const waiting = queue.claim();
  await setTimeout(1);
  other.push('later');
  t.is((await waiting)?.value, 'later');
});

test('SharedQueue: claim returns null at its timeout, and rejects when its signal fires', async (t) => {
  const queue = makeQueue(t);
  t.is(await queue.claim({ timeout: 0 }), null);
  const start = now();
  t.is(await queue.claim({ timeout: 0.03 }), null);
  t.true(now() - start >= 0.03);
  const controller = new AbortController();
  const waiting = queue.claim({ signal: controller.signal });
  controller.abort();
  await t.throwsAsync(waiting, { name: 'AbortError' });
  await t.throwsAsync(queue.claim({ signal: AbortSignal.abort() }), { name: 'AbortError' });
  queue.push('kept');
  t.is(claimed(queue).attempts, 1);
});

test('SharedQueue: an aborted claim loses no job and counts no attempt', async (t) => {
  const queue = makeQueue(t);
  const other = openQueue(t, queue);
  for (let round = 0; round < 100; round += 1) {
    const controller = new AbortController();
    const waiting = queue.claim({ signal: controller.signal }).catch(() => null);
    if (round % 3 === 0) await setImmediate();
    other.push(round);
    controller.abort();
    const job = (await waiting) ?? (await other.claim({ timeout: 60 }));
    t.like(job, { value: round, attempts: 1 });
    job?.done();
  }
  t.like(queue.stats(), { ready: 0, claimed: 0, done: 100 });
});

test('SharedQueue: delayed jobs become ready when they are due, the earliest one first', async (t) => {
  const queue = makeQueue(t);
  const start = now();
  queue.push('second', { delay: 0.06 });
  queue.push('first', { delay: 0.02 });
  queue.push('now');
  t.like(queue.stats(), { ready: 1, delayed: 2 });
  const order = [];
  while (order.length < 3) order.push((await queue.claim({ timeout: 60 }))?.value);
  t.deepEqual(order, ['now', 'first', 'second']);
  t.true(now() - start >= 0.06);
  queue.push('again');
  claimed(queue).fail({ delay: 0.02 });
  t.is(queue.tryClaim(), null);
  t.like(await queue.claim({ timeout: 60 }), { value: 'again', attempts: 2 });
});

test('SharedQueue: the iterator claims a job when the next one is requested, until close', async (t) => {
  const queue = makeQueue(t);
  const other = openQueue(t, queue);
  for (let number = 0; number < 5; number += 1) queue.push(number);
  const seen: unknown[] = [];
  for await (const job of other) {
    seen.push(job.value);
    t.is(queue.stats().claimed, 1);
    job.done();
    if (seen.length === 5) void setImmediate().then(() => other.close());
  }
  t.deepEqual(seen, [0, 1, 2, 3, 4]);
});

test('SharedQueue: ending an iterator ends its wait, and the next job is left to others', async (t) => {
  const queue = makeQueue(t);
  const jobs = queue[Symbol.asyncIterator]();
  const next = jobs.next();
  t.deepEqual(await jobs.return(), { done: true, value: undefined });
  t.deepEqual(await next, { done: true, value: undefined });
  const failing = queue[Symbol.asyncIterator]();
  const failed = failing.next();
  await t.throwsAsync(failing.throw(new Error('mine')), { message: 'mine' });
  t.deepEqual(await failed, { done: true, value: undefined });
  const stream = Readable.from(queue).resume();
  await setImmediate();
  stream.destroy();
  await setImmediate();
  queue.push('left');
  t.is(claimed(queue).value, 'left');
});

test('SharedQueue: each of ten thousand pending claims of one process gets a job', async (t) => {
  const queue = makeQueue(t, '8mb');
  const other = openQueue(t, queue);
  const waiting = Array.from({ length: 10_000 }, () => queue.claim());
  for (let number = 0; number < 10_000; number += 1) other.push(number);
  const jobs = await Promise.all(waiting);
  t.is(new Set(jobs.map((job) => job?.value)).size, 10_000);
});
