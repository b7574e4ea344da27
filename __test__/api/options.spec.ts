import fs from 'node:fs';
import test from 'ava';
import { SharedDict } from 'shmkit';
import { makeDict, openAgain, testName } from '../support/dict';
import { throwsArgument, throwsShm } from '../support/throws';

test('SharedDict: create takes the size as its second argument', (t) => {
  for (const size of [100_000, '128kb']) {
    const dict = SharedDict.create(testName(t), size);
    t.is(dict.stats().size, 131_072);
    dict.close();
  }
});

test('SharedDict: the size is rounded up to 64 KiB', (t) => {
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

test('SharedDict: create refuses a size that is no positive number of bytes', (t) => {
  const name = testName(t);
  for (const size of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '', 'big', '-1mb', '1xb', 1n, true, null, {}, undefined, 2 ** 60]) {
    throwsArgument(t, () => SharedDict.create(name, { size } as never), String(size));
  }
  throwsArgument(t, () => SharedDict.create(name, undefined as never));
  throwsShm(t, () => SharedDict.open(name), 'ERR_SHM_NOT_FOUND');
});

test('SharedDict: openOrCreate needs no size', (t) => {
  const dict = makeDict(t);
  SharedDict.openOrCreate(dict.name, {}).close();
  SharedDict.openOrCreate(dict.name).close();
  const made = SharedDict.openOrCreate(testName(t), {});
  t.is(made.stats().maxSize, 2 ** 30);
  made.close();
});

test('SharedDict: openOrCreate accepts equal options, and those it is not given', (t) => {
  const name = testName(t);
  const options = { size: '1mb', onFull: 'evict', maxEntries: 1000, checksums: true, mode: 0o600 } as const;
  const first = SharedDict.openOrCreate(name, options);
  t.teardown(() => first.close());
  for (const asked of [options, { size: '1mb' }, { onFull: 'evict' }, 1_000_000] as const) {
    const second = SharedDict.openOrCreate(name, asked);
    t.is(second.stats().size, 2 ** 20);
    second.close();
  }
});

test('SharedDict: a dictionary with checksums stores and returns values of every type', (t) => {
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

test('SharedDict: all three ways to open take lockTimeout, localCache, codec and trustUids', (t) => {
  const options = { lockTimeout: 0.5, localCache: false, codec: 'json' as const, trustUids: [0] };
  const dict = makeDict(t, options);
  openAgain(t, dict, options).set('a', { j: 1 });
  const shared = SharedDict.openOrCreate(dict.name, options);
  t.deepEqual(shared.get('a'), { j: 1 });
  shared.close();
});
