// Files: mapped in every way, and locked by bytes, also by a process that is killed.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const shmkit = require('../../index.js');

// The unit of the sizes of mirrors on every system.
const UNIT = 64 * 1024;

function shared(file) {
  const map = shmkit.mapFile(file, { access: 'rw', length: 100_000, populate: true });
  map.write('written', 99_000);
  map.flush();
  map.flush({ offset: 4096, length: 1000, async: true });
  assert.strictEqual(fs.readFileSync(file).toString('latin1', 99_000, 99_007), 'written');
  fs.writeFileSync(file, 'seen', { flag: 'r+' });
  assert.strictEqual(map.read(0, 4).toString(), 'seen');
  for (const advice of ['sequential', 'random', 'willneed', 'dontneed']) map.advise(advice);
  map.lock();
  const cursor = map.file();
  assert.strictEqual(cursor.read(4).toString(), 'seen');
  map.view()[4] = 33;
  assert.strictEqual(fs.readFileSync(file).toString('latin1', 0, 5), 'seen!');
  map.close();
  assert.throws(() => map.read(), { code: 'ERR_SHM_CLOSED' });
}

function readOnly(file) {
  const fd = fs.openSync(file, 'r');
  const offset = shmkit.pageSize;
  const map = shmkit.mapFile(fd, { offset });
  fs.closeSync(fd);
  assert.strictEqual(map.size, 100_000 - offset);
  assert.strictEqual(map.read(99_000 - offset, 7).toString(), 'written');
  assert.throws(() => map.write('x'), { code: 'ERR_SHM_READONLY' });
  map.advise('dontneed');
  map.flush();
  const view = map.view();
  view[0] = 1;
  assert.strictEqual(map.read(0, 1)[0], 0);
  map.close();
}

function copies(file) {
  const map = shmkit.mapFile(file, { access: 'copy' });
  map.write('mine', 10);
  map.advise('dontneed');
  map.flush();
  assert.strictEqual(map.read(10, 4).toString(), 'mine');
  assert.strictEqual(fs.readFileSync(file)[10], 0);
  map.close();
}

function anonymous() {
  const map = shmkit.mapFile(null, { length: 10_000, populate: true });
  map.write('alone', 9995);
  map.advise('dontneed');
  map.lock();
  map.flush();
  assert.strictEqual(map.read(9995).toString(), 'alone');
  map.close();
  shmkit.mapFile(null, { length: 4096, execute: true }).close();
}

function mirrors(folder) {
  const file = path.join(folder, 'mirrored');
  for (const options of [{ size: UNIT }, { size: UNIT, file, times: 3 }, { size: 4 * UNIT, times: 8 }]) {
    const mirror = shmkit.mapMirror(options);
    mirror.write('around', options.size - 3);
    assert.strictEqual(mirror.read(0, 3).toString(), 'und');
    assert.strictEqual(mirror.read(options.size * (mirror.times - 1), 3).toString(), 'und');
    mirror.flush();
    mirror.close();
  }
  assert.strictEqual(fs.readFileSync(file).toString('latin1', UNIT - 3), 'aro');
}

function refusals(folder) {
  const empty = path.join(folder, 'empty');
  fs.writeFileSync(empty, '');
  assert.throws(() => shmkit.mapFile(empty), { code: 'ERR_SHM_TOO_SHORT' });
  assert.throws(() => shmkit.mapFile(path.join(folder, 'missing')), { code: 'ENOENT' });
  if (process.platform !== 'win32') return;
  assert.throws(() => shmkit.mapMirror({ size: 4096 }), { code: 'ERR_OUT_OF_RANGE' });
  assert.throws(() => shmkit.mapFile(path.join(folder, 'mapped'), { execute: true }), { code: 'ERR_SHM_UNSUPPORTED' });
  const map = shmkit.mapFile(path.join(folder, 'mapped'));
  assert.throws(() => fs.truncateSync(path.join(folder, 'mapped'), 10));
  map.close();
}

exports.maps = (folder) => {
  const file = path.join(folder, 'mapped');
  shared(file);
  readOnly(file);
  copies(file);
  anonymous();
  mirrors(folder);
  refusals(folder);
};

exports.byteLocks = async (folder, peers) => {
  const file = path.join(folder, 'locked');
  fs.writeFileSync(file, 'some bytes');
  const lock = shmkit.tryLockFile(file, { offset: 2, length: 3 });
  assert.strictEqual(shmkit.tryLockFile(file, { offset: 4, length: 1 }), null);
  assert.throws(() => shmkit.lockFileSync(file), { code: 'ERR_SHM_DEADLOCK' });
  assert.strictEqual(shmkit.lockFileSync(file, { timeout: 0.01 }), null);
  const beside = shmkit.tryLockFile(file, { offset: 5, length: 1 });
  assert.notStrictEqual(beside, null);
  lock.release();
  beside.release();
  const readers = [1, 2].map(() => shmkit.tryLockFile(file, { mode: 'shared' }));
  assert.strictEqual(shmkit.tryLockFile(file), null);
  for (const reader of readers) reader.release();
  const holder = peers.start('hold-bytes', file);
  await peers.until('the holder', () => peers.dict.get('has-bytes') === true);
  assert.strictEqual(shmkit.tryLockFile(file), null);
  const waiting = shmkit.lockFile(file, { timeout: 60 });
  holder.kill('SIGKILL');
  (await waiting).release();
  if (!['linux', 'win32'].includes(process.platform)) return;
  const fd = fs.openSync(file, 'r');
  const own = shmkit.tryLockFile(fd, { length: 4 });
  assert.strictEqual(shmkit.tryLockFile(fd, { length: 1 }), null);
  fs.closeSync(fd);
  own.release();
};
