// Queues that begin small and take memory as they need it.
import fs from 'node:fs';
import { inspect } from 'node:util';
import test from 'ava';
import { SharedQueue } from 'shmkit';
import { startChild } from '../support/child';
import { until } from '../support/clock';
import { nameFor } from '../support/names';
import { testAsRoot } from '../support/not-run';
import { claimAll, claimed, makeQueue, openQueue } from '../support/queue';
import { runOnSmallDisk } from '../support/small-disk';
import { throwsShm } from '../support/throws';

const MIB = 2 ** 20;
/** The place of the word that counts the cells with memory. */
const COMMITTED = 640;

function listed(queue: SharedQueue) {
  return SharedQueue.list().find(({ name }) => name === queue.name);
}

test('SharedQueue: without sizes it takes little and may take 1 GiB', (t) => {
  for (const call of ['create', 'openOrCreate'] as const) {
    const name = nameFor(t, SharedQueue);
    const queue = SharedQueue[call](name);
    t.teardown(() => queue.close());
    t.like(listed(queue), { maxSize: 2 ** 30, jobs: 0 });
    t.true((listed(queue)?.size ?? MIB + 1) <= MIB);
    t.true(fs.statSync(queue.path).blocks * 512 <= 2 * MIB);
    t.regex(inspect(queue), /taken: '\d+ of 1073741824 bytes'/);
    SharedQueue.unlink(name);
  }
});

test('SharedQueue: it does not grow with a size alone', (t) => {
  const queue = makeQueue(t, '64kb');
  t.is(listed(queue)?.maxSize, undefined);
  throwsShm(t, () => Array.from({ length: 1000 }, () => queue.push('x')), 'ERR_SHM_FULL');
});

test('SharedQueue: it grows for all processes, and keeps every job once', async (t) => {
  const queue = makeQueue(t, { size: '64kb', maxSize: '64mb' });
  const reader = SharedQueue.open(queue.name, { readOnly: true });
  const other = openQueue(t, queue);
  const before = listed(queue)?.size ?? 0;
  const pushers = [0, 1].map((number) => startChild(t, 'queue-pusher', [queue.name, number, 5000]));
  for (const pusher of pushers) t.is(await pusher.next(), 5000);
  t.is(reader.stats().ready, 10_000);
  reader.close();
  t.is(other.push('again', { id: '1 4999' }), false);
  t.true((listed(queue)?.size ?? 0) > 5 * before);
  const jobs = claimAll(other);
  t.is(new Set(jobs.map(({ id }) => id)).size, 10_000);
  for (const pusher of [0, 1]) {
    const ids = jobs.map(({ id }) => id).filter((id) => id.startsWith(`${pusher} `));
    t.deepEqual(ids, Array.from({ length: 5000 }, (_, number) => `${pusher} ${number}`), 'in the order of each pusher');
  }
});

test('SharedQueue: processes that are killed while it grows lose no job that was pushed', async (t) => {
  const queue = makeQueue(t, { size: '64kb', maxSize: '64mb' });
  for (let kills = 0; kills < 8; kills += 1) {
    const pusher = startChild(t, 'queue-pusher', [queue.name, kills, 100_000]);
    const before = queue.stats().pushed;
    await until(() => queue.stats().pushed > before + 300);
    await pusher.kill();
    for (let number = 0; number < 200; number += 1) queue.push('x'.repeat(200), { id: `own ${kills} ${number}` });
  }
  const { pushed, ready } = queue.stats();
  t.is(ready, pushed);
  const ids = claimAll(queue).map(({ id }) => id);
  t.is(new Set(ids).size, pushed);
  for (let kills = 0; kills < 8; kills += 1) {
    t.is(ids.filter((id) => id.startsWith(`own ${kills} `)).length, 200);
    const pusher = ids.filter((id) => id.startsWith(`${kills} `));
    t.deepEqual(pusher, Array.from({ length: pusher.length }, (_, number) => `${kills} ${number}`), 'without a gap');
  }
});

test('SharedQueue: ERR_SHM_FULL and ERR_SHM_TOO_LARGE come only at the maximum', (t) => {
  const queue = makeQueue(t, { size: '64kb', maxSize: '1mb' });
  throwsShm(t, () => queue.push(Buffer.alloc(2 * MIB)), 'ERR_SHM_TOO_LARGE');
  queue.push(Buffer.alloc(MIB / 2));
  const error = throwsShm(
    t,
    () => {
      for (;;) queue.push('x'.repeat(500));
    },
    'ERR_SHM_FULL',
  );
  t.regex(error.message, /it has taken its maxSize of 1048576 bytes/);
  const size = listed(queue)?.size ?? 0;
  t.true(size <= MIB && size > 0.95 * MIB, String(size));
  const first = claimed(queue);
  t.deepEqual(first.value, Buffer.alloc(MIB / 2));
  first.done();
  t.is(typeof queue.push('x'.repeat(500)), 'string');
});

test('SharedQueue: a word that counts more memory than the file has is ERR_SHM_CORRUPT', (t) => {
  const queue = makeQueue(t, { size: '64kb', maxSize: '64mb' });
  queue.push('kept');
  const { blocks } = fs.statSync(queue.path);
  const file = fs.openSync(queue.path, 'r+');
  const word = Buffer.alloc(8);
  fs.readSync(file, word, 0, 8, COMMITTED);
  fs.writeSync(file, Buffer.from('ffffffffffffff7f', 'hex'), 0, 8, COMMITTED);
  throwsShm(t, () => queue.push('x'), 'ERR_SHM_CORRUPT');
  throwsShm(t, () => queue.tryClaim(), 'ERR_SHM_CORRUPT');
  throwsShm(t, () => SharedQueue.open(queue.name, { readOnly: true }), 'ERR_SHM_CORRUPT');
  t.is(fs.statSync(queue.path).blocks, blocks);
  fs.writeSync(file, word, 0, 8, COMMITTED);
  fs.closeSync(file);
  t.is(claimed(queue).value, 'kept');
});

testAsRoot('SharedQueue: a queue that cannot grow on a full file system goes on with what it has', (t) => {
  const { stdout, stderr, status, signal } = runOnSmallDisk(t, '32m', 'queue-on-full-disk');
  t.is(signal, null);
  t.is(status, 0, stderr);
  const told = JSON.parse(stdout) as { code: string; message: string; pushed: number; more: number; codes: string[]; same: boolean; claimed: number };
  t.is(told.code, 'ERR_SHM_FULL');
  t.regex(told.message, /the file system has \d+ bytes free/);
  t.true(told.pushed > 2000, String(told.pushed));
  t.true(told.more > 2000, 'it grows again when there is room');
  t.deepEqual(told.codes, ['ERR_SHM_CORRUPT', 'ERR_SHM_CORRUPT', 'ERR_SHM_CORRUPT']);
  t.true(told.same, 'damage takes no memory');
  t.is(told.claimed, told.pushed + told.more);
});
