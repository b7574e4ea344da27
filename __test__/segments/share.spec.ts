import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import { SharedSegment } from 'shmkit';
import { until } from '../support/clock';
import { fixture, startChild } from '../support/child';
import { makeDir } from '../support/dict';
import { collectGarbage, mappingsOf } from '../support/file';
import { noExternalBuffers } from '../support/no-external-buffers';
import { startPeer } from '../support/segment';
import { throwsShm } from '../support/throws';

test('SharedSegment: unreachable segments are unmapped, and their names removed', async (t) => {
  const dir = makeDir(t);
  (() => {
    for (let round = 0; round < 20; round += 1) {
      const segment = SharedSegment.create(`s${round}`, { data: 'hello', dir });
      t.is(segment.view()[0], 104);
    }
  })();
  t.true(mappingsOf(dir) > 0);
  await until(() => {
    globalThis.gc?.();
    return mappingsOf(dir) === 0 && fs.readdirSync(dir).length === 0;
  });
  t.deepEqual(fs.readdirSync(dir), []);
});

test('SharedSegment: a view keeps the memory when the segment was collected', async (t) => {
  const dir = makeDir(t);
  const view = (() => SharedSegment.create('s', { data: 'hello', dir }).view())();
  await until(() => {
    globalThis.gc?.();
    return fs.readdirSync(dir).length === 0;
  });
  t.is(Buffer.from(view).toString(), 'hello');
  t.is(mappingsOf(dir), 1);
});

test('SharedSegment: share returns plain data that another process opens', async (t) => {
  using segment = SharedSegment.create(undefined, { data: 'hello', dir: makeDir(t) });
  const handle = segment.share();
  t.deepEqual(JSON.parse(JSON.stringify(handle)), handle);
  const peer = await startPeer(t, handle);
  t.is(String(await peer.call('read')), 'hello');
  using reader = SharedSegment.open(handle, { readOnly: true });
  t.is(reader.read().toString(), 'hello');
});

for (const end of ['collected', 'closed'] as const) {
  test(`share: a segment that is ${end} keeps its name until another process opens it`, async (t) => {
    const dir = makeDir(t);
    const handle = (() => {
      const segment = SharedSegment.create(undefined, { data: 'hello', dir });
      const shared = segment.share();
      if (end === 'closed') segment.close();
      return shared;
    })();
    await collectGarbage();
    t.is(SharedSegment.open(handle).read().toString(), 'hello');
    await collectGarbage();
    t.is(fs.readdirSync(dir).length, 1);
    const peer = await startPeer(t, handle);
    await until(() => {
      globalThis.gc?.();
      return fs.readdirSync(dir).length === 0;
    });
    t.is(String(await peer.call('read')), 'hello');
    await until(() => {
      globalThis.gc?.();
      return mappingsOf(dir) === 0;
    });
    throwsShm(t, () => SharedSegment.open(handle), 'ERR_SHM_NOT_FOUND');
  });
}

test('share: a read-only process that opens the segment ends the wait as well', async (t) => {
  const dir = makeDir(t);
  const segment = SharedSegment.create(undefined, { data: 'hello', dir });
  const handle = segment.share();
  segment.close();
  await startPeer(t, handle, { readOnly: true });
  await until(() => fs.readdirSync(dir).length === 0);
  t.pass();
});

test('share: a segment that was never opened goes when its process ends', async (t) => {
  const dir = makeDir(t);
  const child = startChild(t, 'share-and-exit', [dir]);
  t.is(await child.next(), 1);
  t.is(await child.exited, 0);
  t.deepEqual(fs.readdirSync(dir), []);
});

test('share: the handle does not open another segment of the same name', (t) => {
  const dir = makeDir(t);
  const first = SharedSegment.create('s', { data: 'hello', dir });
  const handle = first.share();
  SharedSegment.unlink('s', { dir });
  using second = SharedSegment.create('s', { data: 'other', dir });
  throwsShm(t, () => SharedSegment.open(handle), 'ERR_SHM_NOT_FOUND');
  t.is(path.dirname(second.path), dir);
  first.close();
});

test('SharedSegment: a worker thread changes it, and its end takes nothing away', async (t) => {
  const dir = makeDir(t);
  using segment = SharedSegment.create(undefined, { data: 'hello', dir });
  const worker = new Worker(fixture('segment-worker'), { workerData: segment.share() });
  const [seen] = (await once(worker, 'message')) as [string];
  t.is(seen, 'Jello!');
  const view = segment.view();
  t.is(view.length, 100_000);
  segment.setCapacity(1);
  const exited = once(worker, 'exit');
  worker.postMessage('look');
  t.deepEqual(await once(worker, 'message'), [0]);
  await exited;
  segment.append('umbo');
  t.is(Buffer.from(view.subarray(0, 5)).toString(), 'Jumbo');
});

test('SharedSegment: view throws ERR_SHM_NO_VIEW when the runtime forbids external memory', async (t) => {
  const child = startChild(t, 'segment-without-view', [], { env: { ...process.env, LD_AUDIT: noExternalBuffers(t) } });
  t.is(await child.next(), 'ERR_SHM_NO_VIEW hello, world');
});
