// Jobs that are pushed, claimed and done.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { SharedQueue } from 'shmkit';
import { median } from '../measure.mjs';
import { atLeast, atMost } from '../rows.mjs';

const CLAIMER = fileURLToPath(new URL('../programs/claimer.mjs', import.meta.url));
const PROCESSES = 4;
const COUNT = 200_000;
const PENDING = 10_000;

export const title = `Jobs of a queue, on ${os.availableParallelism()} cores`;

export async function run({ quick = false }) {
  const queue = SharedQueue.create(`bench-${process.pid}`, '32mb');
  try {
    const [rounds, count] = [quick ? 2 : 7, quick ? COUNT / 5 : COUNT];
    const alone = Array.from({ length: rounds }, () => count / secondsOf(() => finish(queue, count)));
    const together = await ratesTogether(queue, rounds, count);
    return [
      atLeast('push, tryClaim and done in one process', median(alone) / 1000, 300, 'k/s'),
      atLeast(`the same in ${PROCESSES} processes, all together`, median(together) / 1000, 150, 'k/s'),
      atMost(`threads of ${PENDING} pending claims`, await threadsOf(queue), 1, ''),
    ];
  } finally {
    queue.close();
  }
}

function finish(queue, count) {
  for (let left = count; left > 0; left -= 1) {
    queue.push(left);
    queue.tryClaim().done();
  }
}

function secondsOf(work) {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}

async function ratesTogether(queue, rounds, count) {
  const claimers = Array.from({ length: PROCESSES }, () => fork(CLAIMER, [queue.name]));
  await Promise.all(claimers.map((claimer) => once(claimer, 'message')));
  const rates = [];
  for (let round = 0; round < rounds; round += 1) {
    const before = queue.stats().done;
    const start = performance.now();
    const done = claimers.map((claimer) => once(claimer, 'message'));
    claimers.forEach((claimer) => claimer.send(count / PROCESSES));
    await Promise.all(done);
    rates.push((queue.stats().done - before) / ((performance.now() - start) / 1000));
  }
  claimers.forEach((claimer) => claimer.disconnect());
  return rates;
}

const threads = () => fs.readdirSync('/proc/self/task').length;

/** Returns how many more threads this process has while many claims are pending. */
async function threadsOf(queue) {
  const before = threads();
  const controller = new AbortController();
  const pending = Array.from({ length: PENDING }, () => queue.claim({ signal: controller.signal }).catch(() => null));
  await new Promise((done) => setTimeout(done, 200));
  const more = threads() - before;
  controller.abort();
  await Promise.all(pending);
  return more;
}
