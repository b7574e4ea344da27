import fs from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import { fixture, startChild } from '../support/child';
import { now, until } from '../support/clock';
import { makeDir } from '../support/dict';
import { claimAll, claimed, makeQueue } from '../support/queue';

const JOBS = 400;

test('SharedQueue: of 400 jobs none is lost when three workers are killed', async (t) => {
  const queue = makeQueue(t);
  const log = path.join(makeDir(t), 'log');
  for (let job = 0; job < JOBS; job += 1) queue.push(job);
  const start = () => startChild(t, 'queue-worker', [queue.name, log]);
  const workers = [start(), start(), start(), start()];
  for (let kills = 0; kills < 3; kills += 1) {
    const before = queue.stats().done;
    await until(() => queue.stats().done > before + 20);
    await workers[kills]?.kill();
    workers.push(start());
  }
  await until(() => queue.stats().done === JOBS);
  t.like(queue.stats(), { ready: 0, claimed: 0, dead: 0, pushed: JOBS });
  const lines = fs.readFileSync(log, 'utf8').trim().split('\n').map((line) => line.split(' ').map(Number));
  t.deepEqual([...new Set(lines.map(([job]) => job))].toSorted((a = 0, b = 0) => a - b), Array.from({ length: JOBS }, (_, job) => job));
  // A worker that was killed between its work and `done` has done it: once for each kill at most.
  t.true(lines.length <= JOBS + 3);
});

test('SharedQueue: the jobs of a killed process come back first, within 50 ms for a waiter', async (t) => {
  const queue = makeQueue(t);
  for (const value of ['a', 'b', 'c', 'd']) queue.push(value);
  const holder = startChild(t, 'queue-holder', [queue.name, 3]);
  t.deepEqual(await holder.next(), ['1', '2', '3']);
  t.deepEqual(queue.claims().map(({ id, pid }) => [id, pid]), ['1', '2', '3'].map((id) => [id, holder.pid]));
  claimed(queue).done();
  const waiting = queue.claim({ timeout: 60 });
  await holder.kill();
  const killed = now();
  t.like(await waiting, { id: '1', attempts: 2 });
  // 50 ms, and as long again for a busy machine.
  t.true(now() - killed < 1);
  queue.push('e');
  t.deepEqual(claimAll(queue).map(({ id, attempts }) => [id, attempts]), [['2', 2], ['3', 2], ['5', 1]]);
  t.is(queue.stats().returned, 3);
});

test('SharedQueue: a claim that follows a death gets the dead process\'s job before ready ones', async (t) => {
  const queue = makeQueue(t, { size: '64kb', maxAttempts: 1 });
  for (const value of ['a', 'b']) queue.push(value);
  const holder = startChild(t, 'queue-holder', [queue.name, 1]);
  await holder.next();
  await holder.kill();
  t.like(claimed(queue), { id: '2', attempts: 1 });
  t.deepEqual([...queue.dead()].map(({ id, value, attempts }) => [id, value, attempts]), [['1', 'a', 1]]);
});

test('SharedQueue: the jobs of a worker thread come back when it ends', async (t) => {
  const queue = makeQueue(t);
  queue.push('a');
  const worker = new Worker(fixture('queue-holder'), { workerData: [queue.name, 1] });
  await new Promise((resolve) => {
    worker.once('message', resolve);
  });
  t.is(queue.tryClaim(), null);
  const waiting = queue.claim({ timeout: 60 });
  await worker.terminate();
  t.like(await waiting, { id: '1', attempts: 2 });
});
