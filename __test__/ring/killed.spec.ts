import fs from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import test, { type ExecutionContext } from 'ava';
import type { SharedRing } from 'shmkit';
import { type Child, fixture, startChild } from '../support/child';
import { until } from '../support/clock';
import { makeDir } from '../support/dict';
import { fillUp, makeRing } from '../support/ring';
import { BATCH, checkLogs } from '../support/ring-log';
import { throwsShm } from '../support/throws';

/** Senders and receivers of one ring. */
class Traffic {
  readonly #t: ExecutionContext<unknown>;
  readonly #ring: SharedRing;
  readonly #dir: string;
  readonly logs: string[] = [];
  senders = 0;

  constructor(t: ExecutionContext<unknown>, ring: SharedRing) {
    this.#t = t;
    this.#ring = ring;
    this.#dir = makeDir(t);
  }

  async sender(): Promise<Child> {
    this.senders += 1;
    const child = startChild(this.#t, 'ring-sender', [this.#ring.name, this.senders]);
    await child.next();
    return child;
  }

  async receiver(): Promise<Child> {
    const log = path.join(this.#dir, String(this.logs.length));
    this.logs.push(log);
    const child = startChild(this.#t, 'ring-receiver', [this.#ring.name, log]);
    await child.next();
    return child;
  }
}

test('SharedRing: each message of several senders arrives exactly once, in order', async (t) => {
  const ring = makeRing(t, '64kb');
  const traffic = new Traffic(t, ring);
  const receivers = await Promise.all([traffic.receiver(), traffic.receiver()]);
  const senders = await Promise.all([traffic.sender(), traffic.sender(), traffic.sender()]);
  await until(() => ring.stats().sent > 5000);
  const sent = await Promise.all(senders.map((sender) => sender.ask<number>('stop')));
  await Promise.all(receivers.map((receiver) => receiver.ask('stop')));
  const { total, missing, ends } = checkLogs(t, traffic.logs);
  t.is(missing, 0);
  t.deepEqual([...ends].toSorted(([left], [right]) => left - right).map(([, end]) => end), sent);
  t.like(ring.stats(), { messages: 0, used: 0, sent: total, received: total });
});

test('SharedRing: killed senders and receivers garble no message and stop no other process', async (t) => {
  const ring = makeRing(t, '64kb');
  const traffic = new Traffic(t, ring);
  const receivers = await Promise.all([traffic.receiver(), traffic.receiver()]);
  const senders = await Promise.all([traffic.sender(), traffic.sender()]);
  for (let round = 0; round < 6; round += 1) {
    const before = ring.stats().sent;
    await until(() => ring.stats().sent > before + 500);
    const group = round % 2 === 0 ? senders : receivers;
    await (group.shift() as Child).kill();
    group.push(await (round % 2 === 0 ? traffic.sender() : traffic.receiver()));
  }
  await Promise.all(senders.map((sender) => sender.ask('stop')));
  await Promise.all(receivers.map((receiver) => receiver.ask('stop')));
  const { total, missing } = checkLogs(t, traffic.logs);
  t.log(`${total} messages received, ${missing} lost with 3 killed receivers`);
  t.true(total > 3000);
  t.true(missing <= 3 * BATCH, `${missing} messages are missing`);
  t.like(ring.stats(), { messages: 0, used: 0 });
});

test('SharedRing: a stopped sender loses no message and stops others only until it resumes', async (t) => {
  const ring = makeRing(t, '64kb');
  const traffic = new Traffic(t, ring);
  const receiver = await traffic.receiver();
  const stopped = await traffic.sender();
  await until(() => ring.stats().sent > 200);
  stopped.process.kill('SIGSTOP');
  const other = await traffic.sender();
  // It may have been stopped with the lock of the senders' end: then the other one waits in this time, and loses nothing.
  await setTimeout(20);
  stopped.process.kill('SIGCONT');
  const sent = await Promise.all([stopped, other].map((sender) => sender.ask<number>('stop')));
  await receiver.ask('stop');
  const { total, missing } = checkLogs(t, traffic.logs);
  t.is(missing, 0);
  t.is(total, sent.reduce((sum, count) => sum + count, 0));
});

test('SharedRing: calls throw ERR_SHM_LOCK_TIMEOUT while a stopped process holds an end', async (t) => {
  const ring = makeRing(t);
  const child = startChild(t, 'ring', [ring.name]);
  await child.next();
  ring.trySend('there');
  lockFor(ring, child.pid, SENDERS);
  t.like(throwsShm(t, () => ring.trySend('x'), 'ERR_SHM_LOCK_TIMEOUT'), { pid: child.pid });
  t.false(await ring.send('does not', { timeout: 0.01 }));
  t.false(ring.sendSync('neither', 0.01));
  t.is(String(ring.tryReceive()), 'there');
  const waiting = ring.send('waits');
  t.deepEqual(ring.stats().takeovers, { senders: 0, receivers: 0 });
  await child.kill();
  t.true(await waiting);
  t.is(String(ring.tryReceive()), 'waits');
  t.deepEqual(ring.stats().takeovers, { senders: 1, receivers: 0 });
});

test('SharedRing: stats counts each end that is taken over from a killed process', async (t) => {
  const ring = makeRing(t);
  for (const [index, end] of [SENDERS, RECEIVERS, RECEIVERS].entries()) {
    const child = startChild(t, 'ring', [ring.name]);
    await child.next();
    ring.trySend('one');
    lockFor(ring, child.pid, end);
    await child.kill();
    t.true(ring.trySend('two'));
    t.deepEqual(ring.tryReceiveMany(9).map(String), ['one', 'two']);
    t.deepEqual(ring.stats().takeovers, { senders: 1, receivers: index });
  }
});

/** The offsets of the locks of the two ends. */
const SENDERS = 17_408;
const RECEIVERS = 17_472;

/** Stores the lock word of a process that was stopped while it held this end. */
function lockFor(ring: SharedRing, pid: number, end: number): void {
  const image = fs.readFileSync(ring.path);
  const slots = Array.from({ length: 1024 }, (_, slot) => slot);
  const slot = slots.find((one) => image.readUInt32LE(1024 + 16 * one + 4) === pid) as number;
  const generation = image.readUInt32LE(1024 + 16 * slot);
  const word = Buffer.alloc(4);
  word.writeUInt32LE(((slot << 1) | (generation << 11)) >>> 0);
  const file = fs.openSync(ring.path, 'r+');
  fs.writeSync(file, word, 0, 4, end);
  fs.closeSync(file);
}

test('SharedRing: worker threads send and receive as processes do', async (t) => {
  const ring = makeRing(t, '16kb');
  const workers = [1, 2].map(() => new Worker(fixture('ring-worker'), { workerData: ring.name }));
  const exits = workers.map((worker) => new Promise((done) => worker.once('exit', done)));
  const seen: number[] = [];
  while (seen.length < 1000) seen.push(((await ring.receive({ timeout: 60 })) as Buffer).readUInt32LE());
  t.deepEqual(await Promise.all(exits), [0, 0]);
  for (let number = 0; number < 500; number += 1) t.is(seen.filter((one) => one === number).length, 2);
  t.is(ring.tryReceive(), null);
});

test('SharedRing: a worker thread that ends while it waits takes no message', async (t) => {
  const ring = makeRing(t);
  const worker = new Worker(fixture('ring-wait-worker'), { workerData: ring.name });
  await new Promise((done) => worker.once('message', done));
  await worker.terminate();
  fillUp(ring);
  t.is(ring.tryReceiveMany(1000).length, ring.stats().sent);
});
