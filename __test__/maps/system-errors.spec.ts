import fs from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { fileSize, mapFile, mapMirror, pageSize, tryLockFile } from 'shmkit';
import { makeFile, throwsSystem } from '../support/file';

const FAR_TOO_MUCH = 2 ** 46;

test('mapFile throws ENOENT when the file is missing, also for writing without a length', (t) => {
  const file = makeFile(t);
  throwsSystem(t, () => mapFile(file), 'ENOENT', 'open', file);
  throwsSystem(t, () => mapFile(file, { access: 'rw' }), 'ENOENT', 'open', file);
  throwsSystem(t, () => tryLockFile(file), 'ENOENT', 'open', file);
  throwsSystem(t, () => fileSize(file), 'ENOENT', 'stat', file);
  t.false(fs.existsSync(file));
});

test('mapFile throws ENOSPC when the file cannot grow, and leaves its length', (t) => {
  const file = makeFile(t, 'hello');
  throwsSystem(t, () => mapFile(file, { access: 'rw', length: FAR_TOO_MUCH }), 'ENOSPC', 'fallocate', file);
  throwsSystem(t, () => mapMirror({ size: FAR_TOO_MUCH, file }), 'ENOSPC', 'fallocate', file);
  t.is(fs.readFileSync(file, 'utf8'), 'hello');
});

test('mapFile and mapMirror remove a file that they created when they fail, and no other', (t) => {
  const file = makeFile(t);
  const calls: Array<() => unknown> = [
    () => mapFile(file, { access: 'rw', length: FAR_TOO_MUCH }),
    () => mapFile(file, { access: 'rw', length: 2 ** 52 }),
    () => mapMirror({ size: FAR_TOO_MUCH, file }),
  ];
  for (const call of calls) {
    t.throws(call);
    t.false(fs.existsSync(file), call.toString());
  }
  fs.writeFileSync(file, 'hello');
  for (const call of calls) t.throws(call);
  t.is(fs.readFileSync(file, 'utf8').slice(0, 5), 'hello');
});

test('mapFile and mapMirror create a file through a link, and use one that is there', (t) => {
  const file = makeFile(t);
  fs.symlinkSync(file, `${file}.link`);
  mapFile(`${file}.link`, { access: 'rw', length: 5 }).write('hello');
  t.is(fs.readFileSync(file, 'utf8'), 'hello');
  t.is(mapMirror({ size: pageSize, file }).read(0, 5).toString(), 'hello');
  throwsSystem(t, () => mapFile(`${file}/none`, { access: 'rw', length: 5 }), 'ENOTDIR', 'open', `${file}/none`);
  throwsSystem(t, () => mapFile(`${file}.none/none`, { access: 'rw', length: 5 }), 'ENOENT', 'open', `${file}.none/none`);
});

test('mapFile and mapMirror extend no file through a descriptor that cannot map it', (t) => {
  for (const content of ['', 'hello']) {
    const file = makeFile(t, content);
    for (const flags of ['r', 'a']) {
      const fd = fs.openSync(file, flags);
      t.teardown(() => fs.closeSync(fd));
      throwsSystem(t, () => mapFile(fd, { access: 'rw', length: 3 * pageSize }), 'EACCES', 'mmap');
      throwsSystem(t, () => mapMirror({ size: pageSize, file: fd }), 'EACCES', 'mmap');
      t.is(fs.readFileSync(file, 'utf8'), content);
    }
  }
});

test('mapFile throws ENOMEM when the memory does not fit', (t) => {
  throwsSystem(t, () => mapFile(null, { length: 2 ** 50 }), 'ENOMEM', 'mmap');
  throwsSystem(t, () => mapMirror({ size: FAR_TOO_MUCH, times: 100 }), 'ENOMEM', 'mmap');
});

test("mapFile throws the system's error when the descriptor is not open for it", (t) => {
  const file = makeFile(t, 'hello');
  const reading = fs.openSync(file, 'r');
  t.teardown(() => fs.closeSync(reading));
  throwsSystem(t, () => mapFile(reading, { access: 'rw' }), 'EACCES', 'mmap');
  throwsSystem(t, () => mapFile(99_999), 'EBADF', 'fstat');
  throwsSystem(t, () => tryLockFile(99_999), 'EBADF', 'fstat');
});

test("mapFile throws the system's error when the path is a folder", (t) => {
  const folder = path.dirname(makeFile(t));
  throwsSystem(t, () => mapFile(folder, { length: 10 }), 'ENODEV', 'mmap', folder);
  throwsSystem(t, () => mapFile(folder, { access: 'rw', length: 10 }), 'EISDIR', 'open', folder);
});
