// The other kinds of shared memory, each between two processes: a mutex and a semaphore whose holder is killed, a ring that
// a peer sends through, a segment that a peer fills, a file that is mapped and locked.
// `ERR_SHM_UNSUPPORTED` is accepted only where docs/platforms.md says so.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const shmkit = require('../../index.js');
const files = require('./files.cjs');

const HAS = {
  segments: ['linux', 'darwin', 'freebsd', 'win32'],
  rings: ['linux', 'darwin', 'freebsd', 'win32'],
  channels: ['linux', 'darwin', 'freebsd', 'win32'],
  maps: ['linux', 'darwin', 'freebsd', 'win32'],
  byteLocks: ['linux', 'darwin', 'win32'],
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

/** A subscriber that hears the posts of a peer. */
async function channels(peers) {
  const channel = shmkit.SharedChannel.create(`${peers.name}-channel`, '256kb');
  const posts = channel.subscribe();
  peers.start('post');
  for (let number = 0; number < MESSAGES; number += 1) {
    const { value } = await posts.next();
    assert.deepStrictEqual([value.value.number, value.missed], [number, 0]);
  }
  channel.close();
}

// On Windows a view keeps the file that it shows until it is collected.
function removeFolder(folder) {
  try {
    fs.rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    if (process.platform !== 'win32' || !['EPERM', 'EBUSY', 'ENOTEMPTY'].includes(error.code)) throw error;
  }
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
      await where('channels', () => channels(peers)),
      await where('maps', () => files.maps(folder)),
      await where('byteLocks', () => files.byteLocks(folder, peers)),
    ];
    return ['mutexes', 'semaphores', ...found].join(', ');
  } finally {
    removeFolder(folder);
  }
};

/** Plays the part of the other process; returns false if the role is none of these. */
exports.play = (role, name, dict, more) => {
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
  } else if (role === 'post') {
    const channel = shmkit.SharedChannel.open(`${name}-channel`);
    for (let number = 0; number < MESSAGES; number += 1) channel.post({ number });
    channel.close();
    return true;
  } else if (role === 'hold-bytes') {
    exports.held = shmkit.lockFileSync(more, 60);
    dict.set('has-bytes', true);
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
