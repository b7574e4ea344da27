import test from 'ava';
import { SharedDict } from 'shmkit';
import { callRemote, startChild } from '../support/child';
import { makeDict, openAgain, testName } from '../support/dict';
import { throwsShm } from '../support/throws';

test('replace takes the name over, and those who have the old one are told', (t) => {
  const old = makeDict(t);
  const reader = openAgain(t, old, { readOnly: true });
  old.set('a', 'old');
  const dict = SharedDict.create(old.name, { size: '1mb', replace: true });
  t.teardown(() => dict.close());
  t.true(dict.owner);
  t.false(dict.has('a'));
  for (const call of [
    () => old.get('a'),
    () => old.set('a', 1),
    () => old.has('a'),
    () => old.delete('a'),
    () => old.incr('a'),
    () => old.getKeys(),
    () => old.clear(),
    () => old.rpush('l', 1),
    () => reader.get('a'),
    () => reader.getKeys(),
  ]) {
    throwsShm(t, call, 'ERR_SHM_RETIRED');
  }
  const other = openAgain(t, dict);
  dict.set('a', 'new');
  t.is(other.get('a'), 'new');
});

test('a value in the local cache does not outlive its dictionary', (t) => {
  const old = makeDict(t);
  old.set('a', 'old');
  for (let read = 0; read < 100; read += 1) old.get('a');
  const dict = SharedDict.create(old.name, { size: '1mb', replace: true });
  t.teardown(() => dict.close());
  throwsShm(t, () => old.get('a'), 'ERR_SHM_RETIRED');
});

test('the close of a replaced owner leaves the name to its successor', (t) => {
  const old = makeDict(t);
  const dict = SharedDict.create(old.name, { size: '1mb', replace: true });
  t.teardown(() => dict.close());
  old.close();
  const other = openAgain(t, dict);
  t.true(other.set('a', 1));
});

test('replace of nothing is create', (t) => {
  const dict = makeDict(t, { replace: true });
  t.true(dict.owner);
  t.true(dict.set('a', 1));
});

test('replace takes over what openOrCreate and persist made', (t) => {
  const name = testName(t);
  SharedDict.openOrCreate(name, '64kb').close();
  const first = SharedDict.create(name, { size: '64kb', replace: true, persist: true });
  first.close();
  const second = SharedDict.create(name, { size: '64kb', replace: true });
  t.true(second.owner);
  second.close();
  throwsShm(t, () => SharedDict.open(name), 'ERR_SHM_NOT_FOUND');
});

test('other processes are told, and find the new one under the name', async (t) => {
  const old = makeDict(t);
  old.set('a', 'old');
  const child = startChild(t, 'remote-dict', [old.name]);
  t.is(await callRemote(child, 'get', 'a'), 'old');
  const dict = SharedDict.create(old.name, { size: '1mb', replace: true });
  t.teardown(() => dict.close());
  dict.set('a', 'new');
  t.like(await callRemote(child, 'get', 'a'), { thrown: 'ERR_SHM_RETIRED' });
  t.like(await callRemote(child, 'set', 'a', 1), { thrown: 'ERR_SHM_RETIRED' });
  const second = startChild(t, 'remote-dict', [old.name]);
  t.is(await callRemote(second, 'get', 'a'), 'new');
});
