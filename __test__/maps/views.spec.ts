import { once } from 'node:events';
import fs from 'node:fs';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import { mapFile, mapMirror, pageSize } from 'shmkit';
import { until } from '../support/clock';
import { fixture, startChild } from '../support/child';
import { collectGarbage, makeFile, mappingsOf } from '../support/file';
import { noExternalBuffers } from '../support/no-external-buffers';
import { throwsShm } from '../support/throws';
import { transferred } from '../support/transfer';

test('map.view: it is the memory itself', (t) => {
  const file = makeFile(t, 'hello');
  const map = mapFile(file, { access: 'rw' });
  const view = map.view();
  t.true(view instanceof Uint8Array);
  t.is(view.length, 5);
  view[0] = 74;
  t.is(map.read().toString(), 'Jello');
  t.is(fs.readFileSync(file, 'utf8'), 'Jello');
  map.write('O', 4);
  t.is(Buffer.from(view).toString(), 'JellO');
  t.is(map.view().buffer, view.buffer);
});

test('map.view: stores through the view of a read-only map stay in the view', (t) => {
  const file = makeFile(t, 'hello');
  const map = mapFile(file);
  const view = map.view();
  fs.writeFileSync(file, 'J', { flag: 'r+' });
  t.is(Buffer.from(view).toString(), 'Jello');
  view[1] = 65;
  t.is(Buffer.from(view).toString(), 'JAllo');
  t.is(map.read().toString(), 'Jello');
  t.is(fs.readFileSync(file, 'utf8'), 'Jello');
});

test('map.view: it keeps the memory after close, until it is collected', async (t) => {
  const file = makeFile(t, 'hello');
  let view: Uint8Array | undefined;
  {
    const map = mapFile(file, { access: 'rw' });
    view = map.view().subarray(1);
    map.close();
    t.true(map.closed);
    throwsShm(t, () => map.view(), 'ERR_SHM_CLOSED');
  }
  await collectGarbage();
  t.is(Buffer.from(view).toString(), 'ello');
  t.is(mappingsOf(file), 1);
  view = undefined;
  await until(() => {
    globalThis.gc?.();
    return mappingsOf(file) === 0;
  });
  t.is(view, undefined);
});

test('map.view: unreachable maps and views are unmapped', async (t) => {
  const file = makeFile(t, 'hello');
  (() => {
    for (let round = 0; round < 100; round += 1) {
      const map = mapFile(file, { access: round % 2 ? 'r' : 'rw' });
      if (round % 3) map.view()[0] = 72;
      mapMirror({ size: 1, file }).view();
    }
  })();
  t.true(mappingsOf(file) > 0);
  await until(() => {
    globalThis.gc?.();
    return mappingsOf(file) === 0;
  });
  t.is(mappingsOf(file), 0);
});

test('map.view: a map keeps its memory when its view was collected', async (t) => {
  const map = mapFile(makeFile(t, 'hello'), { access: 'rw' });
  (() => map.view().fill(65))();
  await collectGarbage();
  t.is(Buffer.from(map.view()).toString(), 'AAAAA');
});

test('map.view: maps and views of a worker thread end with it', async (t) => {
  const file = makeFile(t, 'hello');
  const worker = new Worker(fixture('map-and-view'), { argv: [file] });
  await once(worker, 'message');
  t.true(mappingsOf(file) >= 2);
  await worker.terminate();
  await until(() => mappingsOf(file) === 0);
  t.is(mappingsOf(file), 0);
});

test('map.close is idempotent, and every other call then throws ERR_SHM_CLOSED', (t) => {
  const file = makeFile(t, 'hello');
  const map = mapFile(file, { access: 'rw' });
  const cursor = map.file();
  t.false(map.closed);
  map[Symbol.dispose]();
  map.close();
  t.true(map.closed);
  t.is(mappingsOf(file), 0);
  for (const call of [() => map.read(), () => map.readInto(Buffer.alloc(1)), () => map.write('x'), () => map.view(), () => map.file(), () => map.flush(), () => map.advise('random'), () => map.lock(), () => cursor.read(1)]) {
    throwsShm(t, call, 'ERR_SHM_CLOSED');
  }
});

test('map.view throws ERR_SHM_NO_VIEW when the runtime forbids external memory', async (t) => {
  const child = startChild(t, 'map-and-view', [makeFile(t, 'hello')], { env: { ...process.env, LD_AUDIT: noExternalBuffers(t) } });
  t.is(await child.next(), 'ERR_SHM_NO_VIEW hello');
});

test('mapFile: a view is made anew when the buffer of an earlier one was transferred away', (t) => {
  const map = mapFile(null, { access: 'rw', length: pageSize });
  t.teardown(() => map.close());
  const first = map.view();
  first[0] = 7;
  const moved = transferred(first);
  const second = map.view();
  t.is(second.length, pageSize);
  t.deepEqual([second[0], moved[0]], [7, 7]);
  t.is(map.view().buffer, second.buffer);
});

test('mapFile: advise takes every hint on locked memory', (t) => {
  const map = mapFile(makeFile(t, 'x'.repeat(pageSize)), { access: 'rw' });
  t.teardown(() => map.close());
  map.lock();
  for (const advice of ['dontneed', 'willneed', 'random', 'sequential'] as const) t.is(map.advise(advice), undefined);
  t.is(map.read(0, 1).toString(), 'x');
});
