import { setImmediate } from 'node:timers/promises';
import fs from 'node:fs';
import test from 'ava';
import { SharedDict } from 'shmkit';
import { startChild } from '../support/child';
import { makeDict, openAgain, testName } from '../support/dict';
import { throwsShm } from '../support/throws';
import { until } from '../support/clock';

test("the owner's close removes the name, and others keep working", (t) => {
  const owner = makeDict(t);
  const other = openAgain(t, owner);
  const third = openAgain(t, owner);
  owner.set('a', 1);
  owner.close();
  throwsShm(t, () => SharedDict.open(owner.name), 'ERR_SHM_NOT_FOUND');
  t.false(fs.existsSync(owner.path));
  t.is(other.get('a'), 1);
  other.set('b', 2);
  t.is(third.get('b'), 2);
  t.is(third.incr('a'), 2);
});

test('the close of another handle removes nothing', (t) => {
  const owner = makeDict(t);
  openAgain(t, owner).close();
  t.true(fs.existsSync(owner.path));
  openAgain(t, owner).close();
});

test('a new dictionary of the name is another one', (t) => {
  const owner = makeDict(t);
  const other = openAgain(t, owner);
  owner.set('a', 'first');
  owner.close();
  const second = SharedDict.create(owner.name, '64kb');
  t.teardown(() => second.close());
  t.false(second.has('a'));
  second.set('b', 'second');
  t.is(other.get('a'), 'first');
  t.false(other.has('b'));
  other.close();
  t.true(fs.existsSync(second.path));
});

test("a late close of the first owner does not remove a second one's name", (t) => {
  const first = makeDict(t);
  t.true(SharedDict.unlink(first.name));
  const second = SharedDict.create(first.name, '64kb');
  t.teardown(() => second.close());
  first.close();
  t.true(fs.existsSync(second.path));
  second.set('a', 1);
  const third = SharedDict.open(first.name);
  t.is(third.get('a'), 1);
  third.close();
});

test('persist keeps the name after the close of its owner', (t) => {
  const owner = makeDict(t, { persist: true });
  t.true(owner.owner);
  owner.set('a', 1);
  owner.close();
  const again = SharedDict.open(owner.name);
  t.is(again.get('a'), 1);
  t.false(again.owner);
  again.close();
  throwsShm(t, () => SharedDict.create(owner.name, '1mb'), 'ERR_SHM_EXISTS');
});

for (const how of ['exit', 'end', 'throw'] as const) {
  test(`the name goes when the owner's process ends by ${how}`, async (t) => {
    const name = testName(t);
    const child = startChild(t, 'make-dict', [name, 'create'], { silent: true });
    await child.next();
    const dict = SharedDict.open(name);
    t.teardown(() => dict.close());
    child.process.send(how);
    await child.exited;
    throwsShm(t, () => SharedDict.open(name), 'ERR_SHM_NOT_FOUND');
    t.is(dict.get('from'), 'child');
  });
}

test('persist keeps the name after the exit of its process', async (t) => {
  const name = testName(t);
  const child = startChild(t, 'make-dict', [name, 'create', '{"persist":true}']);
  await child.next();
  child.process.send('exit');
  await child.exited;
  const dict = SharedDict.open(name);
  t.is(dict.get('from'), 'child');
  dict.close();
});

test('what an owner left by a signal stays, and create replaces it silently', async (t) => {
  const name = testName(t);
  const child = startChild(t, 'make-dict', [name, 'create']);
  await child.next();
  await child.kill('SIGKILL');
  const left = SharedDict.open(name);
  t.is(left.get('from'), 'child');
  throwsShm(t, () => SharedDict.create(name, '64kb'), 'ERR_SHM_EXISTS');
  left.close();
  const dict = SharedDict.create(name, '64kb');
  t.teardown(() => dict.close());
  t.true(dict.owner);
  t.false(dict.has('from'));
});

test('a leftover that somebody still reads is not replaced', async (t) => {
  const name = testName(t);
  const child = startChild(t, 'make-dict', [name, 'create']);
  await child.next();
  const reader = SharedDict.open(name, { readOnly: true });
  await child.kill('SIGKILL');
  throwsShm(t, () => SharedDict.create(name, '64kb'), 'ERR_SHM_EXISTS');
  t.is(reader.get('from'), 'child');
  reader.close();
  SharedDict.create(name, '64kb').close();
});

test('a persistent dictionary left by a signal is no leftover', async (t) => {
  const name = testName(t);
  const child = startChild(t, 'make-dict', [name, 'create', '{"persist":true}']);
  await child.next();
  await child.kill('SIGKILL');
  throwsShm(t, () => SharedDict.create(name, '64kb'), 'ERR_SHM_EXISTS');
});

test("the owner's collection removes the name", async (t) => {
  const name = testName(t);
  let path = '';
  (() => {
    const dict = SharedDict.create(name, '64kb');
    path = dict.path;
    dict.set('a', 1);
  })();
  t.true(fs.existsSync(path));
  await until(() => {
    globalThis.gc?.();
    return !fs.existsSync(path);
  });
  throwsShm(t, () => SharedDict.open(name), 'ERR_SHM_NOT_FOUND');
});

test('a reference keeps the owner, however often the collector runs', async (t) => {
  const dict = makeDict(t);
  for (let round = 0; round < 20; round += 1) {
    globalThis.gc?.();
    await setImmediate();
  }
  t.true(fs.existsSync(dict.path));
  t.true(dict.set('a', 1));
});
