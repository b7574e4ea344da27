import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import test, { type ExecutionContext } from 'ava';
import { fixture, startChild } from '../support/child';
import { until } from '../support/clock';
import { makeDict } from '../support/dict';

function startWorker(t: ExecutionContext<unknown>, ...argv: unknown[]): Worker {
  const worker = new Worker(fixture('dict-worker'), { argv });
  t.teardown(() => worker.terminate());
  return worker;
}

test('worker threads: all share one mapping and one slot of a dictionary', async (t) => {
  const dict = makeDict(t);
  const mappings = () => readMaps(dict.path);
  const before = mappings();
  const workers = Array.from({ length: 4 }, () => startWorker(t, 'count', dict.name, 10_000));
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  t.is(dict.stats().processes, 1);
  t.is(mappings(), before);
  for (const worker of workers) worker.postMessage('go');
  await Promise.all(workers.map((worker) => once(worker, 'exit')));
  t.is(dict.get('total'), 40_000);
  t.true(dict.verify().ok);
});

function readMaps(path: string): number {
  const { readFileSync } = require('node:fs') as typeof import('node:fs');
  return readFileSync('/proc/self/maps', 'utf8').split('\n').filter((line) => line.includes(path)).length;
}

test('worker threads: a terminated one leaves a sound dictionary', async (t) => {
  const dict = makeDict(t);
  for (let round = 0; round < 15; round += 1) {
    const worker = startWorker(t, 'overwrite', dict.name);
    await once(worker, 'message');
    await worker.terminate();
    t.true(dict.set('after', round));
  }
  t.is(dict.stats().recoveries, 0, 'a call is never interrupted, so there is nothing to recover');
  t.true(dict.verify().ok);
});

test('worker threads: handles of an ended one are closed', async (t) => {
  const dict = makeDict(t);
  const before = readdirSync('/proc/self/fd').length;
  for (let round = 0; round < 20; round += 1) {
    const worker = startWorker(t, 'open', dict.name);
    await once(worker, 'exit');
  }
  await until(() => readdirSync('/proc/self/fd').length <= before + 3);
  t.true(dict.set('a', 1));
});

test('worker threads: process.exit in the middle of their writes leaves a sound dictionary', async (t) => {
  const dict = makeDict(t, { size: '4mb' });
  for (let round = 0; round < 4; round += 1) {
    const child = startChild(t, 'exit-with-workers', [dict.name]);
    t.is(await child.exited, 3);
    t.true(dict.set('after', round));
    t.true(dict.verify().ok);
  }
  t.is(dict.stats().processes, 1);
});

test('worker threads: the local cache of one sees the writes of another', async (t) => {
  const dict = makeDict(t);
  const worker = startWorker(t, 'answer', dict.name);
  await once(worker, 'message');
  for (let round = 0; round < 200; round += 1) {
    dict.get('v');
    worker.postMessage(['set', 'v', round]);
    await once(worker, 'message');
    if (dict.get('v') !== round) t.fail(`round ${round}: ${String(dict.get('v'))}`);
  }
  t.pass();
});
