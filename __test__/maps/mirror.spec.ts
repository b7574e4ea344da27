import fs from 'node:fs';
import test from 'ava';
import { alignUp, mapMirror, pageSize } from 'shmkit';
import { makeFile } from '../support/file';
import { throwsArgument } from '../support/throws';

test('mapMirror: every copy shows the same bytes', (t) => {
  for (const times of [1, 2, 5]) {
    const mirror = mapMirror({ size: 5000, times });
    const { size } = mirror;
    t.is(size, alignUp(5000));
    t.is(mirror.times, times);
    for (let copy = 0; copy < times; copy += 1) {
      mirror.write(`copy ${copy}`, copy * size + 100);
      for (let other = 0; other < times; other += 1) t.is(mirror.read(other * size + 100, 6).toString(), `copy ${copy}`);
    }
    const view = mirror.view();
    t.is(view.length, size * times);
    view[7] = 1;
    for (let copy = 0; copy < times; copy += 1) t.is(view[copy * size + 7], 1);
  }
});

test('mapMirror: a write past the end of the first copy continues at its start', (t) => {
  const mirror = mapMirror({ size: pageSize });
  t.is(mirror.write('round', pageSize - 2), 5);
  t.is(mirror.read(0, 3).toString(), 'und');
  t.is(mirror.read(pageSize - 2, 5).toString(), 'round');
  const target = Buffer.alloc(5);
  t.is(mirror.readInto(target, pageSize - 2), 5);
  t.is(target.toString(), 'round');
  t.is(mirror.read().length, pageSize);
  t.is(mirror.read(pageSize).length, pageSize);
  t.like(t.throws(() => mirror.write('round', 2 * pageSize - 2)), { code: 'ERR_OUT_OF_RANGE' });
});

test('mapMirror extends its file as needed and shares it', (t) => {
  const file = makeFile(t, 'hello');
  const mirror = mapMirror({ size: 10, file });
  t.is(fs.statSync(file).size, pageSize);
  t.is(mirror.read(pageSize, 5).toString(), 'hello');
  mirror.write('J', pageSize);
  mirror.flush();
  t.is(fs.readFileSync(file, 'utf8').slice(0, 5), 'Jello');
  const fd = fs.openSync(file, 'r+');
  t.is(mapMirror({ size: 10, file: fd }).read(0, 5).toString(), 'Jello');
  fs.closeSync(fd);
});

test('mapMirror: reads throw ERR_SHM_TRUNCATED when the file becomes shorter', (t) => {
  const file = makeFile(t);
  const mirror = mapMirror({ size: pageSize, file });
  fs.truncateSync(file, 100);
  for (const offset of [0, 200, pageSize]) {
    t.like(t.throws(() => mirror.read(offset, 1)), { code: 'ERR_SHM_TRUNCATED' });
  }
});

test('mapMirror refuses wrong sizes and counts', (t) => {
  for (const options of [undefined, {}, { size: 0 }, { size: '1' }, { size: 1, times: 0 }, { size: 1, times: 1.5 }, { size: 2 ** 52, times: 2 ** 10 }]) {
    throwsArgument(t, () => mapMirror(options as never), JSON.stringify(options));
  }
});
