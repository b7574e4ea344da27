'use strict';
// Uses every class, for the tests of test runners. Every wait must end by itself, whatever the runner does to clocks.
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const TIMEOUT = 0.05;

/** Returns what each use returned. */
async function useAll(shmkit, name) {
  const { SharedChannel, SharedDict, SharedLocks, SharedMutex, SharedQueue, SharedRing, SharedSegment, SharedSemaphore } = shmkit;
  const dict = SharedDict.create(name, '256kb');
  const channel = SharedChannel.create(name, { size: '64kb' });
  const locks = SharedLocks.create(name);
  const mutex = SharedMutex.create(name);
  const queue = SharedQueue.create(name, { size: '64kb' });
  const ring = SharedRing.create(name, '4kb');
  const segment = SharedSegment.create(name, { size: 4096 });
  const semaphore = SharedSemaphore.create(name, 0);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shmkit-runner-'));
  const file = path.join(folder, 'file');
  try {
    dict.set('object', { a: [1, 2] }, 60);
    segment.write('data');
    fs.writeFileSync(file, Buffer.alloc(4096));
    const messages = channel.subscribe();
    channel.post('heard');
    queue.push('job');
    const guard = mutex.tryLock();
    const held = shmkit.tryLockFile(file);
    const map = shmkit.mapFile(file);
    const memory = new shmkit.MemoryFile(map);
    const results = {
      object: dict.get('object'),
      loaded: await dict.getOrSet('loaded', async () => 'loaded', { ttl: 60 }),
      timedOut: await dict.getOrSet('never', () => new Promise(() => {}), { timeout: TIMEOUT }).catch(({ code }) => code),
      refused: attempt(() => dict.set('f', { f() {} })),
      request: await locks.request('a', async ({ name: of }) => of),
      lock: await mutex.lock({ timeout: TIMEOUT }),
      send: await ring.send('x', { timeout: TIMEOUT }),
      receive: String(await ring.receive()),
      none: await ring.receive({ timeout: TIMEOUT }),
      acquire: await semaphore.acquire({ timeout: TIMEOUT }),
      heard: (await messages.next()).value.value,
      claimed: (await queue.claim()).value,
      unclaimed: await queue.claim({ timeout: TIMEOUT }),
      unchanged: await dict.waitFor('object', { timeout: TIMEOUT }),
      lockFile: await shmkit.lockFile(file, { timeout: TIMEOUT }),
      read: String(memory.read(1)).length,
      segment: String(segment.read(0, 4)),
    };
    guard.release();
    held.release();
    map.close();
    return results;
  } finally {
    for (const object of [channel, dict, locks, mutex, queue, ring, segment, semaphore]) object.close();
    fs.rmSync(folder, { recursive: true });
  }
}

function attempt(call) {
  try {
    return call();
  } catch (error) {
    return [error.code, error instanceof TypeError];
  }
}

/** What `useAll` must return. */
const expected = {
  object: { a: [1, 2] },
  loaded: 'loaded',
  timedOut: 'ERR_SHM_TIMEOUT',
  refused: ['ERR_INVALID_ARG_TYPE', true],
  request: 'a',
  lock: null,
  send: true,
  receive: 'x',
  none: null,
  acquire: false,
  heard: 'heard',
  claimed: 'job',
  unclaimed: null,
  unchanged: null,
  lockFile: null,
  read: 1,
  segment: 'data',
};

module.exports = { useAll, expected };
