import fs from 'node:fs';
import test from 'ava';
import { SharedSegment } from 'shmkit';
import { now } from '../support/clock';
import { seeded } from '../support/random';
import { makeSegment, startPeer } from '../support/segment';

const MIB = 1 << 20;

function blocks(segment: SharedSegment): number {
  return fs.statSync(segment.path).blocks * 512;
}

test('SharedSegment: a new capacity holds for every process, and old views stay valid', async (t) => {
  const segment = makeSegment(t, 'hello', 10_000);
  const peer = await startPeer(t, segment.name);
  const view = segment.view();
  segment.setCapacity(2 * MIB);
  t.is(await peer.call('capacity'), 2 * MIB);
  t.is(await peer.call('write', 'far', MIB), 3);
  t.is(segment.read(MIB).toString(), 'far');
  t.is(segment.view().length, 2 * MIB);
  await peer.call('poke', 1, 65);
  t.is(view[1], 65);
  t.is(view.length, 10_000);
  await peer.call('setCapacity', 3);
  t.deepEqual([segment.capacity, segment.size, segment.read().toString()], [3, 3, 'hAl']);
  t.is(view[0], 104);
  t.is(view[9999], 0);
  t.is(await peer.call('peek', 5000), 0);
});

test('SharedSegment: memory past a smaller capacity is freed, and comes back as zeros', (t) => {
  const segment = makeSegment(t, Buffer.alloc(4 * MIB, 7));
  const full = blocks(segment);
  segment.setCapacity(10_001);
  t.true(blocks(segment) < full - 3 * MIB);
  segment.setCapacity(4 * MIB);
  t.is(segment.size, 10_001);
  segment.write('x', 4 * MIB - 1);
  t.true(segment.read(10_001, 4 * MIB - 10_002).every((byte) => byte === 0));
  t.true(segment.read(0, 10_001).every((byte) => byte === 7));
});

test('SharedSegment: the capacity may be 0 for a while', (t) => {
  const segment = makeSegment(t, 'hello');
  const view = segment.view();
  segment.setCapacity(0);
  t.deepEqual([segment.capacity, segment.size, segment.view().length, view[0]], [0, 0, 0, 0]);
  segment.append('again');
  t.is(segment.read().toString(), 'again');
});

test('SharedSegment: a view never faults or sees garbage while others change the capacity', async (t) => {
  const segment = makeSegment(t, 'x', 3 * MIB);
  segment.write(Buffer.alloc(3 * MIB, 'x'));
  const view = segment.view();
  const random = seeded(t);
  const peers = [await startPeer(t, segment.name), await startPeer(t, segment.name)];
  await Promise.all(peers.map((peer, index) => peer.call('toggle', 3 * MIB, random(1000) + index)));
  const end = now() + 1.5;
  let reads = 0;
  while (now() < end) {
    const byte = view[random(3 * MIB)];
    if (byte !== 120 && byte !== 0) return t.fail(`a byte is ${byte}`);
    const { size } = segment;
    t.true(size <= 3 * MIB);
    try {
      segment.write('x', random(3 * MIB));
    } catch (error) {
      t.is((error as { code: string }).code, 'ERR_OUT_OF_RANGE');
    }
    reads += 1;
  }
  for (const { child } of peers) await child.kill();
  segment.setCapacity(3 * MIB);
  segment.write('y', 3 * MIB - 1);
  t.true(segment.read(0, 3 * MIB - 1).every((byte) => byte === 120 || byte === 0));
  t.true(reads > 100);
});

test('SharedSegment: a process killed while it changes the capacity holds up no other', async (t) => {
  const segment = makeSegment(t, 'hello', MIB);
  const random = seeded(t);
  for (let round = 0; round < 12; round += 1) {
    const peer = await startPeer(t, segment.name);
    await peer.call('toggle', 4 * MIB, round);
    const end = now() + random(40) / 1000;
    while (now() < end) t.true(segment.size <= 5);
    await peer.child.kill();
    // Would throw ERR_SHM_LOCK_TIMEOUT if the dead process still held the lock.
    segment.setCapacity(MIB + round);
    t.is(segment.capacity, MIB + round);
  }
});
