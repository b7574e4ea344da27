// Waiting for other processes, against bare futexes; and what it costs that nobody has to wait, or that many do.
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SharedMutex, SharedSemaphore } from 'shmkit';
import { buildGauge } from '../../scripts/guard/counts.mjs';
import { floor } from '../floor.mjs';
import { against, keep, median } from '../measure.mjs';
import { atMost } from '../rows.mjs';

const PONG = fileURLToPath(new URL('../programs/pong.mjs', import.meta.url));
const TURNS = 5000;
const CALLS = 1000;
const PENDING = 10_000;

export const title = 'Waiting: until who waits in another process runs, against two threads and a futex';

export async function run(options) {
  // First, while nothing was allocated that could be used again.
  const crowd = await pending();
  return [...(await latencies(options)), ...(await uncontended(options)), ...crowd];
}

async function latencies({ quick = false }) {
  const gauge = await buildGauge();
  const peer = fork(PONG);
  await once(peer, 'message');
  const kinds = { raw: [], sync: [], async: [] };
  try {
    for (let round = 0; round < (quick ? 3 : 7); round += 1) {
      kinds.raw.push(Number(execFileSync(gauge, ['pingpong'], { encoding: 'utf8' })));
      kinds.sync.push(await pingPong(peer, true));
      kinds.async.push(await pingPong(peer, false));
    }
  } finally {
    peer.disconnect();
  }
  const row = (name, kind) => ({ name, reached: median(kinds[kind]) / 1000, unit: 'us' });
  const ratio = (name, kind) => atMost(name, median(kinds[kind].map((figure, round) => figure / kinds.raw[round])), 3, 'x futex');
  return [
    row('futex', 'raw'),
    row('semaphore, acquireSync', 'sync'),
    ratio('semaphore, acquireSync, ratio', 'sync'),
    row('semaphore, await acquire', 'async'),
    ratio('semaphore, await acquire, ratio', 'async'),
  ];
}

/** Nanoseconds from one process to the other. */
async function pingPong(peer, blocking) {
  const [ping, pong] = ['ping', 'pong'].map((what) => SharedSemaphore.create(`bench-${process.pid}-${what}`, 0));
  try {
    peer.send({ ping: ping.name, pong: pong.name, count: TURNS, blocking });
    await once(peer, 'message');
    const start = process.hrtime.bigint();
    for (let turn = 0; turn < TURNS; turn += 1) {
      ping.release();
      if (blocking) pong.acquireSync();
      else await pong.acquire();
    }
    return Number(process.hrtime.bigint() - start) / (2 * TURNS);
  } finally {
    ping.close();
    pong.close();
  }
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

/** Many who wait, in one process. */
async function pending() {
  const semaphore = SharedSemaphore.create(`bench-${process.pid}-pending`, 0);
  const first = semaphore.acquire();
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
