// Spawned workers: the parent shares four objects with them, captures what they print, and survives a kill -9 of one.
'use strict';
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { text } = require('node:stream/consumers');
const { setTimeout } = require('node:timers/promises');
const { SharedDict, SharedRing, SharedSegment, SharedSemaphore } = require('shmkit');

const JOBS = 40;

function start(handles) {
  const child = spawn(process.execPath, [__filename, JSON.stringify(handles)], { stdio: ['ignore', 'pipe', 'inherit'] });
  return { child, exited: once(child, 'exit'), output: text(child.stdout) };
}

async function preside() {
  const name = `spawn-${process.pid}`;
  const results = SharedDict.create(name, '1mb');
  const jobs = SharedRing.create(name, '64kb');
  const atOnce = SharedSemaphore.create(name, 2);
  const table = SharedSegment.from(Buffer.alloc(JOBS));
  const isThere = async (count) => {
    while (results.size < count) await setTimeout(1);
  };

  for (let job = 0; job < JOBS; job += 1) jobs.trySend(String(job));
  const victim = start({ name, table: table.share() });
  await isThere(5);
  victim.child.kill('SIGKILL');
  const [, signal] = await victim.exited;

  const workers = [1, 2].map(() => start({ name, table: table.share() }));
  while (jobs.stats().messages > 0) await setTimeout(1);
  // The job that the victim was working on has no result, so it is sent again. Doing a job twice does no harm here.
  for (let job = 0; job < JOBS; job += 1) if (!results.has(String(job))) jobs.trySend(String(job));
  await isThere(JOBS);
  for (const _ of workers) jobs.trySend('');
  const outputs = await Promise.all(workers.map((worker) => worker.output));
  const sum = table.toBuffer().reduce((total, byte) => total + byte, 0);
  console.log(`one worker ended by ${signal}, ${results.size} jobs are done, their results add up to ${sum}`);
  console.log(`the others said ${outputs.map((output) => output.trim().split('\n').at(-1))}`);
  for (const object of [results, jobs, atOnce, table]) object.close();
}

async function work({ name, table: handle }) {
  const results = SharedDict.open(name);
  const jobs = SharedRing.open(name).ref(); // waiting for jobs keeps this process alive
  const atOnce = SharedSemaphore.open(name).ref();
  const table = SharedSegment.open(handle);
  for await (const message of jobs) {
    if (message.length === 0) break;
    await atOnce.acquire();
    table.write(Buffer.of(2 * Number(message)), Number(message));
    results.set(String(message), process.pid);
    console.log(`did job ${message}`);
    atOnce.release();
  }
  console.log('goodbye');
}

void (process.argv[2] ? work(JSON.parse(process.argv[2])) : preside());
