// Jobs that are done at least once: a worker claims a job for a while, and the claim of a worker that dies expires.
'use strict';
const { fork } = require('node:child_process');
const { setTimeout } = require('node:timers/promises');
const { SharedDict } = require('shmkit');

const JOBS = 20;
const CLAIM_SECONDS = 0.2;

async function work(dict, worker) {
  for (let jobs = [...dict.keys({ prefix: 'job:' })]; jobs.length > 0; jobs = [...dict.keys({ prefix: 'job:' })]) {
    for (const job of jobs) {
      // Only one of the processes that try gets the claim. `has`, because the job may have been done meanwhile.
      if (!dict.add(`claim:${job}`, worker, CLAIM_SECONDS) || !dict.has(job)) continue;
      if (worker === '0') process.kill(process.pid, 'SIGKILL');
      dict.delete(job);
      dict.incr('done', 1, { init: 0 });
    }
    await setTimeout(10);
  }
}

function startWorker(dict, worker) {
  return new Promise((resolve) => fork(__filename, [dict.name, String(worker)]).on('exit', resolve));
}

async function preside() {
  const dict = SharedDict.create(`jobs-${process.pid}`, '1mb');
  for (let job = 0; job < JOBS; job += 1) dict.set(`job:${job}`, { number: job });
  await Promise.all([0, 1, 2].map((worker) => startWorker(dict, worker)));
  console.log(`${dict.get('done')} jobs done, though a worker died with one in hand`);
  dict.close();
}

const [, , name, worker] = process.argv;
void (name ? work(SharedDict.open(name), worker) : preside());
