// `lock`: the memory of an object is kept out of swap while a process that asked for it has it open.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import test from 'ava';
import { SharedChannel, SharedDict, SharedRing, SharedSegment } from 'shmkit';
import { fixture } from '../support/child';
import { makeDict } from '../support/dict';
import { nameFor } from '../support/names';
import { testAsRoot, testOnLinux } from '../support/not-run';
import { makeRing } from '../support/ring';
import { makeSegment } from '../support/segment';

function sizeOf(maps: string[]): number {
  return maps.reduce((bytes, text) => bytes + Number(/^Size: +(\d+) kB/m.exec(text)?.[1]) * 1024, 0);
}

/** Returns the bytes of the file's mappings that are locked, and all of their bytes. */
function lockedBytes(path: string): { locked: number; all: number } {
  const inode = String(fs.statSync(path).ino);
  const maps = fs.readFileSync('/proc/self/smaps', 'utf8').split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
  const own = maps.filter((text) => text.split(/\s+/)[4] === inode && !/ dc /.test(text));
  return { locked: sizeOf(own.filter((text) => /^VmFlags:.* lo /m.test(text))), all: sizeOf(own) };
}

testOnLinux('with lock, all memory of an object is locked, whether it is created or opened', (t) => {
  const dict = makeDict(t, { size: '1mb', lock: true });
  const ring = makeRing(t, { size: '64kb', lock: true });
  const channel = SharedChannel.create(nameFor(t, SharedChannel), { size: '64kb', lock: true });
  t.teardown(() => channel.close());
  for (const { path } of [dict, ring, channel]) {
    const { locked, all } = lockedBytes(path);
    t.true(all > 0);
    t.is(locked, all, path);
  }
});

testOnLinux('a handle that asks for it locks what another one of this process has open', (t) => {
  const dict = makeDict(t, { size: '1mb' });
  t.is(lockedBytes(dict.path).locked, 0);
  const other = SharedDict.open(dict.name, { lock: true });
  t.teardown(() => other.close());
  t.is(lockedBytes(dict.path).locked, 2 ** 20);
  const ring = makeRing(t, { size: '64kb' });
  SharedRing.open(ring.name, { lock: true }).close();
  t.true(lockedBytes(ring.path).locked > 0);
});

testOnLinux('a segment stays locked as it grows', (t) => {
  const made = makeSegment(t, 'content', 65_536);
  const segment = SharedSegment.open(made.name, { lock: true });
  t.teardown(() => segment.close());
  for (const capacity of [65_536, 2 ** 20]) {
    segment.setCapacity(capacity);
    segment.read();
    t.true(lockedBytes(segment.path).locked >= capacity);
  }
});

const UID = 12_345;

testAsRoot('a limit on locked memory is an error that says so, and leaves nothing open', (t) => {
  const dir = fs.mkdtempSync('/dev/shm/shmkit-locked-');
  t.teardown(() => fs.rmSync(dir, { recursive: true }));
  fs.chownSync(dir, UID, UID);
  const run = (options: object) =>
    spawnSync('sh', ['-c', 'ulimit -l 16; exec "$0" "$@"', process.execPath, fixture('try-object'), 'SharedDict', 'create', 'locked', JSON.stringify({ dir, ...options })], {
      uid: UID,
      gid: UID,
      encoding: 'utf8',
    });
  t.is(run({ lock: true }).stdout.trim(), 'ERR_SHM_ACCESS');
  t.deepEqual(SharedDict.list({ dir, trustUids: 'any' }), []);
  t.is(run({}).stdout.trim(), 'ok ok');
});

test('lock must be a boolean', (t) => {
  t.throws(() => makeDict(t, { lock: 1 as never }), { code: 'ERR_INVALID_ARG_TYPE' });
  t.throws(() => SharedDict.list({ lock: true } as never), { code: 'ERR_INVALID_ARG_VALUE' });
});
