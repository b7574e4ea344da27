import fs from 'node:fs';
import test from 'ava';
import { SharedDict } from 'shmkit';
import { callRemote, startChild } from '../support/child';
import { makeDict, makeDir, openAgain, testName } from '../support/dict';
import { throwsShm } from '../support/throws';

test('unlink removes the name and says whether it was there', (t) => {
  const dict = makeDict(t);
  t.is(SharedDict.unlink(dict.name), true);
  t.is(SharedDict.unlink(dict.name), false);
  throwsShm(t, () => SharedDict.open(dict.name), 'ERR_SHM_NOT_FOUND');
});

test('those who have an unlinked dictionary open go on', (t) => {
  const dict = makeDict(t);
  const other = openAgain(t, dict);
  SharedDict.unlink(dict.name);
  dict.set('a', 1);
  t.is(other.incr('a'), 2);
  t.is(dict.get('a'), 2);
  t.true(dict.verify().ok);
});

test('those who have a dictionary open whose file was removed by hand go on', (t) => {
  const dict = makeDict(t);
  const other = openAgain(t, dict);
  fs.unlinkSync(dict.path);
  dict.set('a', 1);
  t.is(other.get('a'), 1);
  const second = SharedDict.create(dict.name, '64kb');
  t.teardown(() => second.close());
  second.set('a', 'second');
  t.is(dict.get('a'), 1);
  t.is(other.get('a'), 1);
});

test('prune removes all leftovers, and only them', async (t) => {
  const dir = makeDir(t);
  const options = JSON.stringify({ dir });
  const dead = startChild(t, 'make-dict', ['dead', 'create', options]);
  const living = startChild(t, 'make-dict', ['living', 'create', options]);
  const shared = startChild(t, 'make-dict', ['shared', 'openOrCreate', options]);
  const persistent = startChild(t, 'make-dict', ['persistent', 'create', JSON.stringify({ dir, persist: true })]);
  const read = startChild(t, 'make-dict', ['read', 'create', options]);
  await Promise.all([dead, living, shared, persistent, read].map((child) => child.next()));
  const reader = SharedDict.open('read', { dir, readOnly: true });
  t.deepEqual(SharedDict.prune({ dir }), []);
  await Promise.all([dead, shared, persistent, read].map((child) => child.kill('SIGKILL')));
  fs.writeFileSync(`${dir}/not-ours`, 'text');
  t.deepEqual(SharedDict.prune({ dir }), ['dead']);
  t.deepEqual(SharedDict.prune({ dir }), []);
  reader.close();
  t.deepEqual(SharedDict.prune({ dir }), ['read']);
  t.deepEqual(
    SharedDict.list({ dir })
      .map((line) => line.name)
      .toSorted(),
    ['living', 'persistent', 'shared'],
  );
  t.is(fs.readFileSync(`${dir}/not-ours`, 'utf8'), 'text');
  await living.kill('SIGKILL');
});

test('list shows what is there', async (t) => {
  const dir = makeDir(t);
  t.deepEqual(SharedDict.list({ dir }), []);
  const mine = makeDict(t, { dir, size: '128kb' });
  mine.set('a', 1);
  mine.set('b', 2);
  const child = startChild(t, 'remote-dict', [mine.name, JSON.stringify({ dir })]);
  await callRemote(child, 'size');
  const [line, ...more] = SharedDict.list({ dir });
  t.deepEqual(more, []);
  t.deepEqual(Object.keys(line ?? {}).toSorted(), ['entries', 'name', 'processes', 'size', 'stale']);
  t.is(line?.name, mine.name);
  t.is(line?.size, 131_072);
  t.is(line?.entries, 2);
  t.deepEqual(line?.processes.toSorted(), [process.pid, child.pid].toSorted());
  t.is(line?.stale, false);
});

test('list marks a leftover as stale', async (t) => {
  const dir = makeDir(t);
  const child = startChild(t, 'make-dict', ['dead', 'create', JSON.stringify({ dir })]);
  await child.next();
  t.like(SharedDict.list({ dir })[0], { name: 'dead', stale: false, processes: [child.pid] });
  await child.kill('SIGKILL');
  t.like(SharedDict.list({ dir })[0], { name: 'dead', stale: true, processes: [] });
});

test('list and prune leave foreign files alone', (t) => {
  const dir = makeDir(t);
  fs.writeFileSync(`${dir}/foreign`, Buffer.alloc(65_536, 7));
  fs.mkdirSync(`${dir}/folder`);
  fs.symlinkSync('/etc/passwd', `${dir}/link`);
  t.deepEqual(SharedDict.list({ dir }), []);
  t.deepEqual(SharedDict.prune({ dir }), []);
  t.deepEqual(fs.readdirSync(dir).toSorted(), ['folder', 'foreign', 'link']);
});

test('the default directory is listed without dir', (t) => {
  const name = testName(t);
  SharedDict.openOrCreate(name, '64kb').close();
  t.like(
    SharedDict.list().find((line) => line.name === name),
    { size: 65_536, entries: 0, processes: [], stale: false },
  );
});
