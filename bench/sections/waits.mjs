// Waiting for other processes, relative to bare futexes; the cost without contention, and with many waiters.
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { SharedMutex, SharedSemaphore } from 'shmkit';
import { buildGauge } from '../../scripts/guard/counts.mjs';
import { floor } from '../floor.mjs';
import { against, keep, median } from '../measure.mjs';
import { atMost } from '../rows.mjs';

const PONG = fileURLToPath(new URL('../programs/pong.mjs', import.meta.url));
const TURNS = 2000;
const BATCH = 100;
const SLEEPS = 50;
const CALLS = 1000;
const PENDING = 10_000;

export const title = 'Waiting: until a waiter in another process runs, relative to two threads and a futex';

export async function run(options) {
  // Measured first, while there is no freed memory that could be reused.
  const crowd = await pending();
  return [...(await latencies(options)), ...(await uncontended(options)), ...crowd];
}

async function latencies({ quick = false }) {
  const gauge = await buildGauge();
  const ends = { peer: fork(PONG, { serialization: 'advanced' }), worker: new Worker(PONG) };
  await Promise.all([once(ends.peer, 'message'), once(ends.worker, 'message')]);
  const figures = { futex: [], sleeper: [], ...Object.fromEntries(Object.keys(ways).map((way) => [way, []])) };
  try {
    for (let round = 0; round < (quick ? 3 : 9); round += 1) {
      const [byTurns, asleep] = execFileSync(gauge, ['pingpong'], { encoding: 'utf8' }).split(' ').map(Number);
      figures.futex.push(byTurns);
      figures.sleeper.push(asleep);
      for (const [way, measure] of Object.entries(ways)) figures[way].push(await measure(ends));
    }
  } finally {
    ends.peer.disconnect();
    await ends.worker.terminate();
  }
  const us = (name, way) => ({ name, reached: median(figures[way]) / 1000, unit: 'us' });
  const ratioOf = (way, control) => median(figures[way].map((figure, round) => figure / figures[control][round]));
  const rows = (name, way, control = 'futex') => [us(name, way), atMost(`${name}, ratio`, ratioOf(way, control), 3, 'x futex')];
  return [
    us('futex, from processor to processor', 'futex'),
    us('futex, asleep for 1 ms', 'sleeper'),
    us('one byte over a Unix socket', 'socket'),
    us('Atomics.waitAsync, to a worker thread', 'atomics'),
    ...rows('semaphore, acquireSync', 'sync'),
    ...rows('semaphore, await acquire', 'async'),
    ...rows('semaphore, await acquire, asleep for 1 ms', 'asleep', 'sleeper'),
  ];
}

/** Returns the nanoseconds from one end to the other, with as many turns as it takes to be sure. */
const ways = {
  sync: ({ peer }) =>
    pingPong(peer, 'sync', TURNS, async (ping, pong) => {
      ping.release();
      pong.acquireSync();
    }),
  async: ({ peer }) =>
    pingPong(peer, 'async', TURNS, async (ping, pong) => {
      ping.release();
      await pong.acquire({ ref: true });
    }),
  async asleep({ peer }) {
    const sent = [];
    const received = await withSemaphores(async (ping, pong) => {
      await begin(peer, { way: 'asleep', ping: ping.name, pong: pong.name, count: SLEEPS });
      const over = once(peer, 'message');
      for (let turn = 0; turn < SLEEPS; turn += 1) {
        await setTimeout(1);
        sent.push(process.hrtime.bigint());
        ping.release();
        await pong.acquire({ ref: true });
      }
      return (await over)[0];
    });
    return undisturbed(received.map((time, turn) => Number(time - sent[turn])));
  },
  async socket({ peer }) {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'shmkit-bench-'));
    const address = path.join(directory, 'socket');
    const server = net.createServer().listen(address);
    await once(server, 'listening');
    const connected = once(server, 'connection');
    await begin(peer, { way: 'socket', path: address, count: TURNS });
    const [socket] = await connected;
    const over = once(peer, 'message');
    const nanoseconds = await timed(TURNS, async () => {
      socket.write('x');
      await once(socket, 'data');
    });
    await over;
    server.close();
    fs.rmSync(directory, { recursive: true });
    return nanoseconds;
  },
  async atomics({ worker }) {
    const words = new Int32Array(new SharedArrayBuffer(8));
    await begin(worker, { way: 'atomics', words, count: TURNS });
    let turn = 0;
    const over = once(worker, 'message');
    const nanoseconds = await timed(TURNS, async () => {
      turn += 1;
      Atomics.store(words, 0, turn);
      Atomics.notify(words, 0);
      await Atomics.waitAsync(words, 1, turn - 1).value;
    });
    await over;
    return nanoseconds;
  },
};

function pingPong(peer, way, count, turn) {
  return withSemaphores(async (ping, pong) => {
    await begin(peer, { way, ping: ping.name, pong: pong.name, count });
    const over = once(peer, 'message');
    const nanoseconds = await timed(count, () => turn(ping, pong));
    await over;
    return nanoseconds;
  });
}

async function withSemaphores(work) {
  const [ping, pong] = ['ping', 'pong'].map((what) => SharedSemaphore.create(`bench-${process.pid}-${what}`, 0));
  try {
    return await work(ping, pong);
  } finally {
    ping.close();
    pong.close();
  }
}

async function begin(peer, task) {
  if (peer.send) peer.send(task);
  else peer.postMessage(task);
  await once(peer, 'message');
}

/** Returns half the time of a round trip: a quarter of the batches took less, as for the bare futex. */
async function timed(count, turn) {
  const batches = [];
  for (let number = 0; number < count / BATCH; number += 1) {
    const start = process.hrtime.bigint();
    for (let time = 0; time < BATCH; time += 1) await turn();
    batches.push(Number(process.hrtime.bigint() - start) / (2 * BATCH));
  }
  return undisturbed(batches);
}

function undisturbed(figures) {
  return figures.toSorted((left, right) => left - right)[Math.floor(figures.length / 4)];
}

async function uncontended(options) {
  const mutex = SharedMutex.create(`bench-${process.pid}-mutex`);
  const rows = await against('mutex.tryLock and release', CALLS, 3, {
    floor: () => {
      for (let call = 0; call < CALLS; call += 1) {
        keep(floor.has('key'));
        keep(floor.has('key'));
      }
    },
    ours: () => {
      for (let call = 0; call < CALLS; call += 1) mutex.tryLock().release();
    },
  }, options);
  mutex.close();
  return rows;
}

/** Measures many waiters in one process. */
async function pending() {
  const semaphore = SharedSemaphore.create(`bench-${process.pid}-pending`, 0);
  const first = semaphore.acquire({ ref: true });
  // Long enough for the wait to stop spinning.
  await setTimeout(5);
  const [memory, threads] = [residentBytes(), threadCount()];
  const all = Array.from({ length: PENDING }, () => semaphore.acquire());
  const [memoryAfter, threadsAfter] = [residentBytes(), threadCount()];
  semaphore.release(PENDING + 1);
  await Promise.all([first, ...all]);
  semaphore.close();
  const many = PENDING.toLocaleString('en');
  return [
    { name: `memory of each of ${many} pending acquire`, reached: (memoryAfter - memory) / PENDING, unit: 'bytes' },
    atMost(`threads for ${many} pending acquire`, threadsAfter - threads, 0, 'more than for one'),
  ];
}

function residentBytes() {
  globalThis.gc();
  return process.memoryUsage().rss;
}

function threadCount() {
  return fs.readdirSync('/proc/self/task').length;
}
