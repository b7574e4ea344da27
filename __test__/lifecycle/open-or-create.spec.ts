import fs from 'node:fs';
import test from 'ava';
import { SharedDict } from 'shmkit';
import { startChild } from '../support/child';
import { makeDict, testName } from '../support/dict';
import { throwsArgument, throwsShm } from '../support/throws';

test('openOrCreate creates what is missing and attaches to what is there', (t) => {
  const name = testName(t);
  const first = SharedDict.openOrCreate(name, '1mb');
  first.set('a', 1);
  const second = SharedDict.openOrCreate(name, '1mb');
  t.is(second.get('a'), 1);
  t.false(first.owner);
  t.false(second.owner);
  first.close();
  second.close();
});

test('nobody owns it: it lives until unlink, attached or not', (t) => {
  const name = testName(t);
  const first = SharedDict.openOrCreate(name, '1mb');
  first.set('a', 1);
  first.close();
  t.is(SharedDict.list().find((line) => line.name === name)?.stale, false);
  const again = SharedDict.openOrCreate(name, '1mb');
  t.is(again.get('a'), 1);
  again.close();
  const opened = SharedDict.open(name);
  t.is(opened.get('a'), 1);
  opened.close();
  t.true(SharedDict.unlink(name));
  throwsShm(t, () => SharedDict.open(name), 'ERR_SHM_NOT_FOUND');
});

test('it survives the process that made it, even by a signal', async (t) => {
  const name = testName(t);
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const child = startChild(t, 'make-dict', [name, 'openOrCreate']);
    await child.next();
    await child.kill(signal);
    const dict = SharedDict.openOrCreate(name, '128kb');
    t.is(dict.get('from'), 'child');
    dict.close();
  }
  throwsShm(t, () => SharedDict.create(name, '64kb'), 'ERR_SHM_EXISTS');
});

test('options are compared where they are given, and the message lists the fields', (t) => {
  const name = testName(t);
  const options = { size: '1mb', onFull: 'evict', maxEntries: 1000, checksums: true, mode: 0o600 } as const;
  const first = SharedDict.openOrCreate(name, options);
  t.teardown(() => first.close());
  SharedDict.openOrCreate(name, options).close();
  SharedDict.openOrCreate(name, { size: '1mb' }).close();
  SharedDict.openOrCreate(name, { onFull: 'evict' } as never).close();
  SharedDict.openOrCreate(name, 1_000_000).close();
  for (const [field, other] of Object.entries({ size: '2mb', onFull: 'error', maxEntries: 5_000_000, checksums: false })) {
    const error = throwsShm(t, () => SharedDict.openOrCreate(name, { ...options, [field]: other } as never), 'ERR_SHM_OPTIONS_MISMATCH');
    t.true(error.message.includes(field), `${field}: ${error.message}`);
  }
  const error = throwsShm(t, () => SharedDict.openOrCreate(name, { size: '2mb', onFull: 'error' }), 'ERR_SHM_OPTIONS_MISMATCH');
  t.true(error.message.includes('size') && error.message.includes('onFull'), error.message);
  t.is(first.set('a', 1), true);
  t.is(fs.statSync(first.path).size, 2 ** 20);
});

test('openOrCreate attaches to what create made, and does not become its owner', (t) => {
  const dict = makeDict(t);
  const shared = SharedDict.openOrCreate(dict.name, '1mb');
  t.false(shared.owner);
  shared.set('a', 1);
  shared.close();
  t.is(dict.get('a'), 1);
});

test('openOrCreate needs a size only to create', (t) => {
  const dict = makeDict(t);
  SharedDict.openOrCreate(dict.name, {} as never).close();
  throwsArgument(t, () => SharedDict.openOrCreate(testName(t), {} as never));
});

test('openOrCreate makes anew what its owner left behind by a signal', async (t) => {
  const name = testName(t);
  const child = startChild(t, 'make-dict', [name, 'create']);
  await child.next();
  await child.kill('SIGKILL');
  const dict = SharedDict.openOrCreate(name, '128kb');
  t.teardown(() => dict.close());
  t.false(dict.owner);
  t.true(dict.set('a', 1));
});
