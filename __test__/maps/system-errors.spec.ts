import fs from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { fileSize, mapFile, mapMirror, tryLockFile } from 'shmkit';
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
