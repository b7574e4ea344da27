import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import { mapFile, pageSize } from 'shmkit';
import { fixture, startChild } from '../support/child';
import { makeFile } from '../support/file';
import { throwsShm } from '../support/throws';

const PAGES = Buffer.alloc(8 * pageSize, 'x');

for (const access of ['r', 'rw', 'copy'] as const) {
  test(`mapFile: reads past a truncated end throw, others work, access: ${access}`, async (t) => {
    const file = makeFile(t, PAGES);
    const map = mapFile(file, { access });
    const target = Buffer.alloc(PAGES.length);
    const child = startChild(t, 'map', [file]);
    await child.next();
    for (const kept of [5 * pageSize + 10, 3 * pageSize, 10, 0]) {
      await child.ask(['truncate', kept]);
      t.is(map.read(0, kept).length, kept);
      for (const [offset, length] of [[0, PAGES.length], [kept, 1], [Math.max(kept - 3, 0), 9], [7 * pageSize, pageSize], [0, kept + 1]] as const) {
        throwsShm(t, () => map.read(offset, length), 'ERR_SHM_TRUNCATED');
        throwsShm(t, () => map.readInto(target.subarray(0, length), offset), 'ERR_SHM_TRUNCATED');
        throwsShm(t, () => map.write(PAGES.subarray(0, length), offset), access === 'r' ? 'ERR_SHM_READONLY' : 'ERR_SHM_TRUNCATED');
      }
      throwsShm(t, () => map.file().read('all'), 'ERR_SHM_TRUNCATED');
    }
  });
}

test('mapFile: a worker thread survives a file that is truncated while it reads', async (t) => {
  const file = makeFile(t, PAGES);
  const worker = new Worker(fixture('map-worker'), { argv: [file] });
  t.teardown(() => worker.terminate());
  await once(worker, 'message');
  const child = startChild(t, 'map', [file]);
  await child.next();
  for (let round = 0; round < 50; round += 1) {
    await child.ask(['truncate', (round % 8) * pageSize]);
    await child.ask(['truncate', PAGES.length]);
  }
  await child.ask(['truncate', 0]);
  worker.postMessage('stop');
  const [codes] = (await once(worker, 'message')) as [string[]];
  t.deepEqual(codes, ['ERR_SHM_TRUNCATED']);
});

test('mapFile: touching a truncated page through a view ends the process by SIGBUS', async (t) => {
  const child = startChild(t, 'map', [makeFile(t, PAGES)]);
  await child.next();
  child.process.send(['touch']);
  t.is(await child.exited, 'SIGBUS');
});

test('mapFile: a SIGBUS sent by another process ends the process', async (t) => {
  const child = startChild(t, 'map', [makeFile(t, PAGES)]);
  await child.next();
  t.is(await child.kill('SIGBUS'), 'SIGBUS');
});
