import fs from 'node:fs';
import test from 'ava';
import { SharedDict, SharedSemaphore } from 'shmkit';
import { startChild } from '../support/child';
import { makeDir } from '../support/dict';
import { nameFor } from '../support/named';
import { throwsArgType, throwsShm } from '../support/throws';

test('create, open and openOrCreate lead to one semaphore', (t) => {
  const name = nameFor(t, SharedSemaphore);
  using made = SharedSemaphore.create(name, 2);
  using opened = SharedSemaphore.open(name);
  using found = SharedSemaphore.openOrCreate(name, 2);
  t.true(made.owner);
  t.false(opened.owner || found.owner);
  t.deepEqual([made.name, opened.path], [name, made.path]);
  t.true(opened.tryAcquire());
  t.deepEqual([made.value, found.value], [1, 1]);
});

test('each kind of object has names of its own', (t) => {
  const name = nameFor(t, SharedSemaphore);
  using semaphore = SharedSemaphore.create(name, 1);
  using dict = SharedDict.create(name, '64kb');
  t.not(semaphore.path, dict.path);
  fs.copyFileSync(dict.path, `${semaphore.path}-2`);
  t.teardown(() => fs.rmSync(`${semaphore.path}-2`));
  throwsShm(t, () => SharedSemaphore.open(`${name}-2`), 'ERR_SHM_LAYOUT');
});

test("an owner's close removes the name, and others go on", (t) => {
  const name = nameFor(t, SharedSemaphore);
  const owner = SharedSemaphore.create(name, 1);
  using other = SharedSemaphore.open(name);
  owner.close();
  owner.close();
  t.true(owner.closed);
  throwsShm(t, () => SharedSemaphore.open(name), 'ERR_SHM_NOT_FOUND');
  throwsShm(t, () => owner.value, 'ERR_SHM_CLOSED');
  t.is(other.release(), 2);
});

test('a live name is not made again, and another initial value is a mismatch', (t) => {
  const name = nameFor(t, SharedSemaphore);
  using semaphore = SharedSemaphore.create(name, 1);
  throwsShm(t, () => SharedSemaphore.create(name, 1), 'ERR_SHM_EXISTS');
  throwsShm(t, () => SharedSemaphore.openOrCreate(name, 2), 'ERR_SHM_OPTIONS_MISMATCH');
  using replacing = SharedSemaphore.create(name, 7, { replace: true });
  throwsShm(t, () => semaphore.release(), 'ERR_SHM_RETIRED');
  t.is(replacing.value, 7);
});

test('the semaphore of a killed owner is a leftover', async (t) => {
  const dir = makeDir(t);
  const child = startChild(t, 'semaphore', ['create', 'left', 3, JSON.stringify({ dir })]);
  t.is(await child.next(), 'ready');
  const [listed] = SharedSemaphore.list({ dir });
  t.like(listed, { name: 'left', value: 3, processes: [child.pid], stale: false });
  await child.kill();
  t.like(SharedSemaphore.list({ dir })[0], { name: 'left', stale: true });
  t.deepEqual(SharedSemaphore.prune({ dir }), ['left']);
  t.deepEqual(fs.readdirSync(dir), []);
});

test('a persistent one stays, and unlink removes it', (t) => {
  const name = nameFor(t, SharedSemaphore);
  SharedSemaphore.create(name, 1, { persist: true }).close();
  using found = SharedSemaphore.open(name);
  t.is(found.value, 1);
  t.true(SharedSemaphore.unlink(name));
  t.false(SharedSemaphore.unlink(name));
});

test('a read-only handle looks and changes nothing', (t) => {
  const name = nameFor(t, SharedSemaphore);
  using semaphore = SharedSemaphore.create(name, 1);
  using reader = SharedSemaphore.open(name, { readOnly: true });
  t.true(reader.readOnly);
  t.is(reader.value, 1);
  throwsShm(t, () => reader.tryAcquire(), 'ERR_SHM_READONLY');
  throwsShm(t, () => reader.release(), 'ERR_SHM_READONLY');
  t.is(semaphore.value, 1);
});

test('a damaged superblock is refused', (t) => {
  const name = nameFor(t, SharedSemaphore);
  const semaphore = SharedSemaphore.openOrCreate(name, 1);
  const { path } = semaphore;
  semaphore.close();
  const image = fs.readFileSync(path);
  for (const [at, code] of [[0, 'ERR_SHM_LAYOUT'], [8, 'ERR_SHM_LAYOUT'], [24, 'ERR_SHM_CORRUPT'], [504, 'ERR_SHM_CORRUPT']] as const) {
    const damaged = Buffer.from(image);
    damaged[at] = (damaged[at] as number) ^ 0x55;
    fs.writeFileSync(path, damaged);
    throwsShm(t, () => SharedSemaphore.open(name), code);
  }
  fs.writeFileSync(path, image.subarray(0, 4096));
  throwsShm(t, () => SharedSemaphore.open(name), 'ERR_SHM_CORRUPT');
});

test('wrong arguments are refused', (t) => {
  const name = nameFor(t, SharedSemaphore);
  throwsShm(t, () => SharedSemaphore.create('a/b', 1), 'ERR_SHM_INVALID_NAME');
  throwsArgType(t, () => SharedSemaphore.create(name, '1' as never));
  throwsArgType(t, () => SharedSemaphore.create(name, 1, 2 as never));
  t.throws(() => SharedSemaphore.create(name, -1), { code: 'ERR_OUT_OF_RANGE' });
  t.throws(() => SharedSemaphore.create(name, 2 ** 31), { code: 'ERR_OUT_OF_RANGE' });
});
