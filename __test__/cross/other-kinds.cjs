// The other kinds of shared memory, each between two processes: a mutex and a semaphore whose holder is killed, a ring that
// a peer sends through, a segment that a peer fills, a file that is mapped and locked.
// `ERR_SHM_UNSUPPORTED` is accepted only where docs/platforms.md says so.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const shmkit = require('../../index.js');

const HAS = {
  segments: ['linux', 'darwin'],
  rings: ['linux', 'darwin', 'freebsd'],
  maps: ['linux', 'darwin', 'freebsd'],
  byteLocks: ['linux', 'darwin'],
};
const MESSAGES = 1000;

/** Runs a part, or checks that it throws the documented error; returns which. */
async function where(what, action) {
  if (HAS[what].includes(process.platform)) {
    await action();
    return what;
  }
  await assert.rejects(async () => action(), { code: 'ERR_SHM_UNSUPPORTED' });
  return `no ${what}`;
}

async function mutexes(peers) {
  const mutex = shmkit.SharedMutex.create(`${peers.name}-mutex`);
  const holder = peers.start('hold-mutex');
  await peers.until('the holder', () => peers.dict.get('holding') === true);
  assert.strictEqual(mutex.tryLock(), null);
  holder.kill('SIGKILL');
  const guard = await mutex.lock({ timeout: 60 });
  assert.strictEqual(guard.ownerDied, true);
  guard.release();
  mutex.close();
}

async function semaphores(peers) {
  const semaphore = shmkit.SharedSemaphore.create(`${peers.name}-sem`, 1, { holders: true });
  const holder = peers.start('hold-permit');
  await peers.until('the holder', () => peers.dict.get('has-permit') === true);
  assert.strictEqual(semaphore.tryAcquire(), false);
  holder.kill('SIGKILL');
  assert.strictEqual(await semaphore.acquire({ timeout: 60 }), true);
  semaphore.release();
  semaphore.close();
}

async function rings(peers) {
  const ring = shmkit.SharedRing.create(`${peers.name}-ring`, '64kb');
  peers.start('send');
  for (let number = 0; number < MESSAGES; number += 1) {
    const message = await ring.receive({ timeout: 60 });
    assert.strictEqual(message.toString(), `${number} ${'x'.repeat(number % 500)}`);
  }
  ring.close();
}

async function segments(peers) {
  const segment = shmkit.SharedSegment.create(`${peers.name}-segment`, { size: 100_000 });
  segment.write('before');
  const peer = peers.start('append');
  await peer.gone;
  assert.strictEqual(segment.read(0, 6).toString(), 'before');
  assert.strictEqual(segment.read(6, 5).toString(), 'after');
  segment.setCapacity(1_000_000);
  segment.write('end', 999_997);
  segment.trim(999_997);
  assert.strictEqual(segment.read().toString(), 'end');
  segment.close();
}

function maps(folder) {
  const file = path.join(folder, 'mapped');
  const map = shmkit.mapFile(file, { access: 'rw', length: 100_000 });
  map.write('written', 99_000);
  map.flush();
  assert.strictEqual(fs.readFileSync(file).toString('latin1', 99_000, 99_007), 'written');
  fs.writeFileSync(file, 'seen', { flag: 'r+' });
  assert.strictEqual(map.read(0, 4).toString(), 'seen');
  map.close();
  const mirror = shmkit.mapMirror({ size: shmkit.pageSize * 16, times: 2 });
  mirror.write('around', shmkit.pageSize * 16 - 3);
  assert.strictEqual(mirror.read(0, 3).toString(), 'und');
  mirror.close();
}

function byteLocks(folder) {
  const file = path.join(folder, 'locked');
  fs.writeFileSync(file, 'some bytes');
  const lock = shmkit.tryLockFile(file, { offset: 2, length: 3 });
  assert.strictEqual(shmkit.tryLockFile(file, { offset: 4, length: 1 }), null);
  const beside = shmkit.tryLockFile(file, { offset: 5, length: 1 });
  assert.notStrictEqual(beside, null);
  lock.release();
  beside.release();
}

/** Tries all kinds; returns a line about each. */
exports.otherKinds = async (peers) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shmkit-smoke-'));
  try {
    await mutexes(peers);
    await semaphores(peers);
    const found = [
      await where('rings', () => rings(peers)),
      await where('segments', () => segments(peers)),
      await where('maps', () => maps(folder)),
      await where('byteLocks', () => byteLocks(folder)),
    ];
    return ['mutexes', 'semaphores', ...found].join(', ');
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
};

/** Plays the part of the other process; returns false if the role is none of these. */
exports.play = (role, name, dict) => {
  if (role === 'hold-mutex') {
    const mutex = shmkit.SharedMutex.open(`${name}-mutex`);
    exports.held = [mutex, mutex.lockSync(60)];
    dict.set('holding', true);
  } else if (role === 'hold-permit') {
    const semaphore = shmkit.SharedSemaphore.open(`${name}-sem`);
    exports.held = [semaphore, semaphore.acquireSync(60)];
    dict.set('has-permit', true);
  } else if (role === 'send') {
    const ring = shmkit.SharedRing.open(`${name}-ring`);
    for (let number = 0; number < MESSAGES; number += 1) ring.sendSync(`${number} ${'x'.repeat(number % 500)}`, 60);
    ring.close();
    return true;
  } else if (role === 'append') {
    const segment = shmkit.SharedSegment.open(`${name}-segment`);
    segment.append('after');
    segment.close();
    return true;
  } else {
    return false;
  }
  setInterval(() => {}, 1000);
  return true;
};
