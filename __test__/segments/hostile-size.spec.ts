import fs from 'node:fs';
import test from 'ava';
import { SharedChannel, SharedDict, SharedRing, SharedSegment } from 'shmkit';
import { makeChannel } from '../support/channel';
import { makeDict } from '../support/dict';
import { makeRing } from '../support/ring';
import { makeSegment } from '../support/segment';
import { throwsShm } from '../support/throws';

/** Where the file has its capacity and its size (docs/format-siblings.md), and where the data begins. */
const CAPACITY = 17_408;
const DATA = 65_536;

/** Makes a segment claim bytes that its file has no storage for, as a peer that may write it can. */
function claim(path: string, bytes: number): void {
  fs.truncateSync(path, DATA + bytes);
  const words = Buffer.alloc(16);
  words.writeBigUInt64LE(BigInt(bytes), 0);
  words.writeBigUInt64LE(BigInt(bytes), 8);
  const file = fs.openSync(path, 'r+');
  fs.writeSync(file, words, 0, words.length, CAPACITY);
  fs.closeSync(file);
}

for (const bytes of [2 ** 21, 2 ** 30, 2 ** 36]) {
  test(`a segment that claims ${bytes} bytes without storage is refused before it takes memory`, (t) => {
    const segment = makeSegment(t, 'content', 65_536);
    const other = SharedSegment.open(segment.name, { readOnly: true });
    t.teardown(() => other.close());
    claim(segment.path, bytes);
    const before = fs.statSync(segment.path).blocks;
    for (const handle of [segment, other]) {
      throwsShm(t, () => handle.read(2 ** 20, 100), 'ERR_SHM_CORRUPT');
      if (bytes < 2 ** 32) throwsShm(t, () => handle.toBuffer(), 'ERR_SHM_CORRUPT');
      throwsShm(t, () => handle.view(), bytes < 2 ** 32 ? 'ERR_SHM_CORRUPT' : ['ERR_SHM_CORRUPT', 'ERR_SHM_NO_VIEW']);
    }
    t.is(fs.statSync(segment.path).blocks, before);
  });
}

for (const [make, Class] of [[makeRing, SharedRing], [makeChannel, SharedChannel]] as const) {
  test(`${Class.name}: open throws ERR_SHM_CORRUPT when the file has no storage for its messages`, (t) => {
    const made = make(t, { size: '2mb', persist: true });
    const { name, path } = made;
    made.close();
    t.teardown(() => Class.unlink(name));
    const { size } = fs.statSync(path);
    fs.truncateSync(path, DATA);
    fs.truncateSync(path, size);
    for (const readOnly of [false, true]) throwsShm(t, () => Class.open(name, { readOnly }), 'ERR_SHM_CORRUPT');
    t.true(fs.statSync(path).blocks * 512 <= DATA);
  });
}

test('a segment that grows and shrinks keeps storage for its capacity', (t) => {
  const segment = makeSegment(t, 'content', 65_536);
  for (const capacity of [2 ** 20, 4096, 0, 1, 2 ** 22, 100_000]) {
    segment.setCapacity(capacity);
    const other = SharedSegment.open(segment.name);
    if (capacity > 0) t.is(other.write(Buffer.alloc(Math.min(capacity, 10)), 0), Math.min(capacity, 10));
    other.close();
  }
});

test('shared memory is kept out of core dumps', (t) => {
  const dict: SharedDict = makeDict(t);
  const ring: SharedRing = makeRing(t);
  const segment = makeSegment(t, 'content');
  segment.read();
  const maps = fs.readFileSync('/proc/self/smaps', 'utf8').split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
  for (const { path } of [dict, ring, segment]) {
    // By the inode: the mapping may show the name that the file had when it was made.
    const own = maps.filter((text) => text.split(/\s+/)[4] === String(fs.statSync(path).ino));
    t.true(own.length > 0, path);
    // A page that is not inherited by forks holds a lock; it has no data.
    const holders = own.filter((text) => / dc /.test(text));
    t.true(holders.length <= 1);
    for (const text of own) if (!holders.includes(text)) t.regex(text, /^VmFlags:.* dd /m);
  }
});

test('a handle with maxBytes reads no more than that, however large others make the segment', (t) => {
  const made = makeSegment(t, 'content', 65_536);
  const segment = SharedSegment.open(made.name, { maxBytes: '64kb' });
  const shared = SharedSegment.open(made.share(), { maxBytes: 100_000 });
  t.teardown(() => [segment, shared].forEach((handle) => handle.close()));
  t.is(segment.toBuffer().toString(), 'content');
  made.setCapacity(2 ** 20);
  made.write('x', 2 ** 20 - 1);
  for (const handle of [segment, shared]) {
    throwsShm(t, () => handle.toBuffer(), 'ERR_SHM_TOO_LARGE');
    throwsShm(t, () => handle.read(), 'ERR_SHM_TOO_LARGE');
    throwsShm(t, () => handle.view(), 'ERR_SHM_TOO_LARGE');
    t.is(handle.read(0, 7).toString(), 'content');
    t.is(handle.readInto(Buffer.alloc(7)), 7);
  }
  t.is(made.toBuffer().length, 2 ** 20);
  t.throws(() => SharedSegment.open(made.name, { maxBytes: -1 }), { code: 'ERR_OUT_OF_RANGE' });
});
