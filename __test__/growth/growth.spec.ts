// Dictionaries that begin small and take memory as they need it.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import test from 'ava';
import { SharedDict } from 'shmkit';
import { callRemote, fixture, startChild } from '../support/child';
import { makeDict, makeDir, openAgain, testName } from '../support/dict';
import { testAsRoot } from '../support/not-run';
import { runOnSmallDisk } from '../support/small-disk';
import { throwsShm } from '../support/throws';

const MIB = 2 ** 20;

test('SharedDict: openOrCreate without sizes takes little and may take 1 GiB', (t) => {
  const name = testName(t);
  const dict = SharedDict.openOrCreate(name);
  t.teardown(() => dict.close());
  const { size, maxSize, grown, capacity, used, free } = dict.stats();
  t.is(maxSize, 2 ** 30);
  t.true(size <= 2 * MIB && capacity < size, String(size));
  t.is(grown, 0);
  t.is(used + free, capacity);
  t.true(fs.statSync(dict.path).blocks * 512 <= 2 * MIB);
  const listed = SharedDict.list().find((line) => line.name === name);
  t.is(listed?.maxSize, 2 ** 30);
  t.is(listed?.size, size);
});

test('SharedDict: a process that was there before sees all of what made a dictionary grow', async (t) => {
  const dict = makeDict(t, { size: '64kb', maxSize: '64mb' });
  const child = startChild(t, 'remote-dict', [dict.name]);
  t.is(await callRemote(child, 'size'), 0);
  const reader = openAgain(t, dict, { readOnly: true });
  for (let number = 0; number < 20_000; number += 1) dict.set(`key ${number}`, `value ${number}`);
  dict.set('long', 'x'.repeat(2 * MIB));
  const { size, grown, entries } = dict.stats();
  t.true(size > 3 * MIB && grown > 10, JSON.stringify({ size, grown }));
  t.is(entries, 20_001);
  for (let number = 0; number < 20_000; number += 100) {
    t.is(await callRemote(child, 'get', `key ${number}`), `value ${number}`);
    t.is(reader.get(`key ${number}`), `value ${number}`);
  }
  t.is(((await callRemote(child, 'get', 'long')) as string).length, 2 * MIB);
  t.is(await callRemote(child, 'get', 'missing'), undefined);
  t.is(await callRemote(child, 'size'), 20_001);
  t.deepEqual(dict.verify(), { ok: true, problems: [] });
});

test('SharedDict: an iteration visits each key once while the dictionary grows', (t) => {
  const dict = makeDict(t, { size: '64kb', maxSize: '64mb' });
  for (let number = 0; number < 1000; number += 1) dict.set(`key ${number}`, number);
  const seen = new Map<string, number>();
  let next = 1000;
  for (const key of dict.keys()) {
    seen.set(key, (seen.get(key) ?? 0) + 1);
    for (let more = 0; more < 10 && next < 30_000; more += 1) dict.set(`key ${(next += 1)}`, next);
  }
  for (let number = 0; number < 1000; number += 1) t.is(seen.get(`key ${number}`), 1);
  t.true([...seen.values()].every((count) => count === 1));
});

test('SharedDict: ERR_SHM_FULL and ERR_SHM_TOO_LARGE come only at the maximum', (t) => {
  const dict = makeDict(t, { size: '64kb', maxSize: '1mb' });
  throwsShm(t, () => dict.set('k', Buffer.alloc(2 * MIB)), 'ERR_SHM_TOO_LARGE');
  dict.set('k', Buffer.alloc(MIB / 2));
  const error = throwsShm(
    t,
    () => {
      for (let number = 0; ; number += 1) dict.set(`k${number}`, 'x'.repeat(500));
    },
    'ERR_SHM_FULL',
  );
  t.regex(error.message, /it has taken its maxSize of 1048576 bytes/);
  const { size, maxSize } = dict.stats();
  t.true(size <= maxSize && size > 0.95 * maxSize, `${size} of ${maxSize}`);
});

test('SharedDict: watchers learn what changes while a dictionary grows', async (t) => {
  const dict = makeDict(t, { size: '64kb', maxSize: '64mb' });
  const watcher = dict.watch();
  const seen: string[] = [];
  for (let number = 0; number < 20_000; number += 10) {
    for (let more = 0; more < 10; more += 1) dict.set(`key ${number + more}`, 'x'.repeat(100));
    for (let more = 0; more < 10; more += 1) {
      const { value } = await watcher.next();
      seen.push((value as { key: string }).key);
    }
  }
  await watcher.return?.(undefined);
  t.true(dict.stats().grown > 10);
  t.is(seen.length, 20_000);
  t.is(new Set(seen).size, 20_000);
});

test('SharedDict: records keep their structures while a dictionary grows', (t) => {
  const dict = makeDict(t, { size: '64kb', maxSize: '64mb' });
  const reader = openAgain(t, dict);
  for (let number = 0; number < 5000; number += 1) dict.set(`key ${number}`, { id: number, name: `name ${number}`, [`own ${number % 20}`]: true });
  t.true(dict.stats().grown > 5);
  for (let number = 0; number < 5000; number += 50) {
    t.deepEqual(reader.get(`key ${number}`), { id: number, name: `name ${number}`, [`own ${number % 20}`]: true });
  }
  t.deepEqual(dict.verify(), { ok: true, problems: [] });
});

test('SharedDict: a lower limit on the size of files than maxSize needs is ERR_SHM_NO_SPACE', (t) => {
  const dir = makeDir(t);
  const limited = ['-c', 'ulimit -f 65536 && exec "$@"', 'sh', process.execPath, fixture('try-object'), 'SharedDict'];
  const { stdout } = spawnSync('sh', [...limited, 'create', 'a', JSON.stringify({ maxSize: '1gb', dir })], { encoding: 'utf8' });
  t.regex(stdout, /^ERR_SHM_NO_SPACE/);
});

testAsRoot('SharedDict: a dictionary that cannot grow on a full file system goes on with what it has', (t) => {
  const { stdout, stderr, status, signal } = runOnSmallDisk(t, '32m', 'grow-on-full-disk');
  t.is(signal, null);
  t.is(status, 0, stderr);
  const told = JSON.parse(stdout) as Record<string, unknown> & { stored: number; codes: string[] };
  t.is(told['code'], 'ERR_SHM_FULL', String(told['message']));
  t.regex(String(told['message']), /the file system has \d+ bytes free/);
  t.true(told.stored > 2000, String(told.stored));
  t.deepEqual(told['found'], [told.stored, told.stored], 'by the writer, and by a reader that was there before');
  t.deepEqual(told['problems'], []);
  t.true((told['more'] as number) > 2000, 'it grows again when there is room');
  t.true(told['same'] as boolean, 'damage takes no memory');
  for (const code of told.codes) t.regex(code, /^ERR_SHM_(CORRUPT|FULL)$/);
  t.deepEqual(told['left'], told['all']);
  t.is(told['trials'], 18);
});
