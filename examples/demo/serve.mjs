// Starts the processes, kills one of them midway, and reads what each has acknowledged.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const WORKERS = 4;
const SECONDS = 6;
const WORKER = fileURLToPath(new URL('worker.mjs', import.meta.url));

/** Lets the processes serve for a while and returns what each of them did. */
export async function serve(dict, cities, directory) {
  const started = performance.now();
  const start = (_, index) => startWorker(dict, cities, path.join(directory, `worker-${index}`));
  const workers = await Promise.all(Array.from({ length: WORKERS }, start));
  await setTimeout((SECONDS * 1000) / 3);
  await kill(workers[1]);
  workers.push(await start(undefined, workers.length));
  await setTimeout((SECONDS * 1000 * 2) / 3);
  await Promise.all(workers.filter((worker) => !worker.killed).map(finish));
  const seconds = (performance.now() - started) / 1000;
  return { workers: workers.map(resultOf), seconds };
}

async function startWorker(dict, cities, file) {
  const child = fork(WORKER, [dict.name, String(cities), file]);
  const exited = once(child, 'exit');
  await once(child, 'message');
  return { child, exited, file, killed: false, started: performance.now() };
}

async function kill(worker) {
  worker.killed = true;
  worker.child.kill('SIGKILL');
  await worker.exited;
  worker.ended = performance.now();
}

async function finish(worker) {
  worker.child.send('stop');
  await worker.exited;
  worker.ended = performance.now();
}

/** Returns what a process recorded after each counted hit. The record survives its death. */
function resultOf({ child, file, killed, started, ended }) {
  const record = fs.readFileSync(file);
  return {
    pid: child.pid,
    killed,
    lookups: record.readDoubleLE(0),
    hits: record.readDoubleLE(8),
    seconds: (ended - started) / 1000,
  };
}
