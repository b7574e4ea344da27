import fs from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { SharedDict } from 'shmkit';
import { makeDict, makeDir, openAgain, testName } from '../support/dict';
import { throwsArgType, throwsArgument, throwsShm } from '../support/throws';

test('create makes a dictionary that open finds', (t) => {
  const dict = makeDict(t);
  dict.set('a', 1);
  const other = openAgain(t, dict);
  t.is(other.get('a'), 1);
  t.is(other.name, dict.name);
  t.is(other.path, dict.path);
  t.false(other.owner);
  other.set('b', 2);
  t.is(dict.get('b'), 2);
});

test('create of a living name throws', (t) => {
  const dict = makeDict(t);
  const error = throwsShm(t, () => SharedDict.create(dict.name, '1mb'), 'ERR_SHM_EXISTS');
  t.true(error.message.includes(dict.name));
  t.is(dict.set('a', 1), true);
});

test('open of a missing name throws', (t) => {
  const name = testName(t);
  const error = throwsShm(t, () => SharedDict.open(name), 'ERR_SHM_NOT_FOUND');
  t.true(error.message.includes(name));
});

test('the size may be given as the second argument', (t) => {
  for (const size of [100_000, '128kb']) {
    const dict = SharedDict.create(testName(t), size);
    t.is(dict.stats().size, 131_072);
    dict.close();
  }
});

test('the size is rounded up to 64 KiB', (t) => {
  for (const [size, bytes] of [
    [65_536, 65_536],
    [65_537, 131_072],
    [1_000_000, 1_048_576],
    ['64kb', 65_536],
    ['1mb', 1_048_576],
    ['1MB', 1_048_576],
    ['0.5mb', 524_288],
  ] as const) {
    const dict = makeDict(t, { size: size as never });
    t.is(dict.stats().size, bytes, String(size));
    t.is(fs.statSync(dict.path).size, bytes, String(size));
    dict.close();
  }
});

test('a size that makes no sense is refused', (t) => {
  const name = testName(t);
  for (const size of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '', 'big', '-1mb', '1xb', 1n, true, null, {}, undefined, 2 ** 60]) {
    throwsArgument(t, () => SharedDict.create(name, { size } as never), String(size));
  }
  throwsArgument(t, () => SharedDict.create(name, undefined as never));
  throwsShm(t, () => SharedDict.open(name), 'ERR_SHM_NOT_FOUND');
});

test('an option of a wrong type or value is refused', (t) => {
  const name = testName(t);
  for (const options of [
    { onFull: 'explode' },
    { onFull: 1 },
    { persist: 'yes' },
    { replace: 1 },
    { mode: '600' },
    { mode: -1 },
    { mode: 0o10000 },
    { mode: 0.5 },
    { dir: 5 },
    { maxEntries: -1 },
    { maxEntries: '5' },
    { maxEntries: 0.5 },
    { checksums: 'on' },
    { lockTimeout: 'long' },
    { lockTimeout: Number.NaN },
    { localCache: 'maybe' },
    { trustUids: 0 },
    { trustUids: ['root'] },
  ]) {
    throwsArgument(t, () => SharedDict.create(name, { size: '64kb', ...options } as never), JSON.stringify(options));
  }
  throwsArgument(t, () => SharedDict.open(name, { readOnly: 'yes' } as never));
  throwsArgType(t, () => SharedDict.open(name, 5 as never));
});

test('the file has mode 600, or exactly the one asked for, whatever the umask', (t) => {
  const before = process.umask(0);
  t.teardown(() => process.umask(before));
  const modeOf = (options: object) => fs.statSync(makeDict(t, options).path).mode & 0o7777;
  t.is(modeOf({}), 0o600);
  process.umask(0o777);
  t.is(modeOf({ mode: 0o640 }), 0o640);
  t.is(modeOf({ mode: 0o666 }), 0o666);
});

test('dir says where the file lies', (t) => {
  const dir = makeDir(t);
  const dict = makeDict(t, { dir });
  t.is(path.dirname(dict.path), dir);
  throwsShm(t, () => SharedDict.open(dict.name), 'ERR_SHM_NOT_FOUND');
  const other = openAgain(t, dict, { dir });
  dict.set('a', 1);
  t.is(other.get('a'), 1);
  t.true(SharedDict.unlink(dict.name, { dir }));
});

test('one name in two directories is two dictionaries', (t) => {
  const name = testName(t);
  const [left, right] = [makeDir(t), makeDir(t)].map((dir) => SharedDict.create(name, { size: '64kb', dir }));
  left?.set('a', 'left');
  t.is(right?.get('a'), undefined);
  left?.close();
  right?.close();
});

test('nothing is left in the directory but the dictionary itself', (t) => {
  const dir = makeDir(t);
  const dict = makeDict(t, { dir });
  t.deepEqual(fs.readdirSync(dir), [path.basename(dict.path)]);
  dict.close();
  t.deepEqual(fs.readdirSync(dir), []);
});

test('checksums: a dictionary that checks its entries works like any other', (t) => {
  const dict = makeDict(t, { checksums: true });
  const values = ['text', 1, 2n, null, true, Buffer.alloc(10_000, 1), { a: 1 }, 'x'.repeat(200_000)];
  for (const [index, value] of values.entries()) dict.set(`k${index}`, value);
  for (const [index, value] of values.entries()) t.deepEqual(dict.get(`k${index}`), value);
  dict.incr('k1');
  dict.expire('k3', 50);
  dict.rpush('l', 'x');
  t.is(dict.get('k1'), 2);
  t.is(dict.get('k3'), null);
  t.deepEqual(dict.lrange('l'), ['x']);
  t.deepEqual(dict.verify(), { ok: true, problems: [] });
});

test('lockTimeout, localCache, codec and trustUids are accepted by all three calls', (t) => {
  const options = { lockTimeout: 0.5, localCache: false, codec: 'json' as const, trustUids: [0] };
  const dict = makeDict(t, options);
  openAgain(t, dict, options).set('a', { j: 1 });
  const shared = SharedDict.openOrCreate(dict.name, options as never);
  t.deepEqual(shared.get('a'), { j: 1 });
  shared.close();
});
