import fs from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { fileSize, mapFile, mapMirror, tryLockFile } from 'shmkit';
import { makeFile, throwsSystem } from '../support/file';

const FAR_TOO_MUCH = 2 ** 46;

test('a missing file is ENOENT, also for write access without a length', (t) => {
  const file = makeFile(t);
  throwsSystem(t, () => mapFile(file), 'ENOENT', 'open', file);
  throwsSystem(t, () => mapFile(file, { access: 'rw' }), 'ENOENT', 'open', file);
  throwsSystem(t, () => tryLockFile(file), 'ENOENT', 'open', file);
  throwsSystem(t, () => fileSize(file), 'ENOENT', 'stat', file);
  t.false(fs.existsSync(file));
});

test('a file that cannot grow is ENOSPC, and as long as before', (t) => {
  const file = makeFile(t, 'hello');
  throwsSystem(t, () => mapFile(file, { access: 'rw', length: FAR_TOO_MUCH }), 'ENOSPC', 'fallocate', file);
  throwsSystem(t, () => mapMirror({ size: FAR_TOO_MUCH, file }), 'ENOSPC', 'fallocate', file);
  t.is(fs.readFileSync(file, 'utf8'), 'hello');
});

test('memory that does not fit is ENOMEM', (t) => {
  throwsSystem(t, () => mapFile(null, { length: 2 ** 50 }), 'ENOMEM', 'mmap');
  throwsSystem(t, () => mapMirror({ size: FAR_TOO_MUCH, times: 100 }), 'ENOMEM', 'mmap');
});

test('a descriptor that is not open, or not open for this, is refused by the system', (t) => {
  const file = makeFile(t, 'hello');
  const reading = fs.openSync(file, 'r');
  t.teardown(() => fs.closeSync(reading));
  throwsSystem(t, () => mapFile(reading, { access: 'rw' }), 'EACCES', 'mmap');
  throwsSystem(t, () => mapFile(99_999), 'EBADF', 'fstat');
  throwsSystem(t, () => tryLockFile(99_999), 'EBADF', 'fstat');
});

test('a folder cannot be mapped', (t) => {
  const folder = path.dirname(makeFile(t));
  throwsSystem(t, () => mapFile(folder, { length: 10 }), 'ENODEV', 'mmap', folder);
  throwsSystem(t, () => mapFile(folder, { access: 'rw', length: 10 }), 'EISDIR', 'open', folder);
});
