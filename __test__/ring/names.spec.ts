import fs from 'node:fs';
import test from 'ava';
import { SharedRing, SharedSemaphore } from 'shmkit';
import { startChild } from '../support/child';
import { makeDir } from '../support/dict';
import { nameFor } from '../support/named';
import { makeRing, openRing } from '../support/ring';
import { throwsShm } from '../support/throws';

test('create, open and openOrCreate lead to one ring', (t) => {
  const made = makeRing(t, 10_000);
  const opened = openRing(t, made);
  using found = SharedRing.openOrCreate(made.name, { size: 12_000 });
  t.true(made.owner);
  t.false(opened.owner || found.owner);
  made.trySend('x');
  t.is(String(found.tryReceive()), 'x');
  t.is(found.stats().capacity, 12_288);
  t.is(String(found), '[object SharedRing]');
  throwsShm(t, () => SharedRing.create(made.name, 10_000), 'ERR_SHM_EXISTS');
  throwsShm(t, () => SharedRing.openOrCreate(made.name, 20_000), 'ERR_SHM_OPTIONS_MISMATCH');
});

test("an owner's close removes the name, and others go on", (t) => {
  const ring = makeRing(t);
  const other = openRing(t, ring);
  ring.trySend('x');
  ring.close();
  ring.close();
  throwsShm(t, () => SharedRing.open(ring.name), 'ERR_SHM_NOT_FOUND');
  throwsShm(t, () => ring.trySend('x'), 'ERR_SHM_CLOSED');
  throwsShm(t, () => ring.tryReceive(), 'ERR_SHM_CLOSED');
  throwsShm(t, () => ring.stats(), 'ERR_SHM_CLOSED');
  t.is(String(other.tryReceive()), 'x');
});

test('what was sent stays in a persistent ring that nobody has open', (t) => {
  const name = nameFor(t, SharedRing);
  const ring = SharedRing.create(name, { size: '1mb', persist: true });
  ring.trySend('later');
  ring.close();
  using again = SharedRing.open(name);
  t.is(String(again.tryReceive()), 'later');
  t.true(SharedRing.unlink(name));
  t.false(SharedRing.unlink(name));
});

test('a replaced ring says so', async (t) => {
  const ring = makeRing(t);
  const waiting = ring.receive();
  using replacing = SharedRing.create(ring.name, { size: '64kb', replace: true });
  await t.throwsAsync(waiting, { code: 'ERR_SHM_RETIRED' });
  throwsShm(t, () => ring.trySend('x'), 'ERR_SHM_RETIRED');
  t.true(replacing.trySend('x'));
});

test('list and prune tell of the ring of a killed owner', async (t) => {
  const dir = makeDir(t);
  const child = startChild(t, 'ring', ['create', 'left', JSON.stringify({ dir, size: 4096 })]);
  await child.next();
  t.true(await child.ask(['trySend', 'x']));
  t.like(SharedRing.list({ dir })[0], { name: 'left', messages: 1, processes: [child.pid], stale: false });
  await child.kill();
  t.like(SharedRing.list({ dir })[0], { name: 'left', messages: 1, stale: true });
  t.deepEqual(SharedRing.prune({ dir }), ['left']);
  t.deepEqual(fs.readdirSync(dir), []);
});

test('a read-only handle looks and changes nothing', async (t) => {
  const ring = makeRing(t);
  const reader = openRing(t, ring, { readOnly: true });
  ring.trySend('x');
  t.is(reader.stats().messages, 1);
  throwsShm(t, () => reader.trySend('x'), 'ERR_SHM_READONLY');
  throwsShm(t, () => reader.tryReceive(), 'ERR_SHM_READONLY');
  throwsShm(t, () => reader.receiveSync(0), 'ERR_SHM_READONLY');
  await t.throwsAsync(reader.receive(), { code: 'ERR_SHM_READONLY' });
  t.is(ring.stats().messages, 1);
});

test('a file of another kind, a damaged one and a short one are refused', (t) => {
  const dir = makeDir(t);
  using ring = SharedRing.create('ring', { size: 8192, dir });
  using semaphore = SharedSemaphore.create('sem', 1, { dir });
  const image = fs.readFileSync(ring.path);
  const open = (bytes: Buffer) => {
    fs.writeFileSync(ring.path.replace('.ring.ring', '.ring.copy'), bytes);
    SharedRing.open('copy', { dir }).close();
  };
  open(image);
  throwsShm(t, () => open(fs.readFileSync(semaphore.path)), 'ERR_SHM_LAYOUT');
  throwsShm(t, () => open(image.subarray(0, image.length - 4096)), 'ERR_SHM_CORRUPT');
  throwsShm(t, () => open(Buffer.concat([image, Buffer.alloc(4096)])), 'ERR_SHM_CORRUPT');
  throwsShm(t, () => open(image.subarray(0, 4096)), 'ERR_SHM_CORRUPT');
  for (const at of [24, 32, 40, 504]) {
    const damaged = Buffer.from(image);
    damaged[at] = (damaged[at] as number) ^ 0x55;
    throwsShm(t, () => open(damaged), 'ERR_SHM_CORRUPT');
  }
});
