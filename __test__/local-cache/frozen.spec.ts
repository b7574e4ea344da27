import test from 'ava';
import type { SharedDict } from 'shmkit';
import { startChild } from '../support/child';
import { makeDict, openAgain, testName } from '../support/dict';
import { noExternalBuffers } from '../support/no-external-buffers';
import { seeded } from '../support/random';
import { throwsShm } from '../support/throws';

interface User {
  name: string;
  tags: string[];
  deep: { list: Array<{ n: number } | null>; none: undefined };
}

const USER: User = { name: 'Ada', tags: ['a', 'b'], deep: { list: [{ n: 1 }, null], none: undefined } };

function isDeeplyFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen);
}

const own = { name: 'own', encode: (value: unknown) => Buffer.from(JSON.stringify(value)), decode: (bytes: Buffer) => JSON.parse(bytes.toString()) as unknown };

for (const [name, codec] of [['structured', 'structured'], ['json', 'json'], ['own', own]] as const) {
  test(`getFrozen returns one deeply frozen object until the entry changes, codec ${name}`, (t) => {
    const dict = makeDict(t, { codec });
    const other = openAgain(t, dict, { codec });
    dict.set('user', USER);
    const first = dict.getFrozen('user') as User;
    t.deepEqual(first, codec === 'structured' ? USER : (JSON.parse(JSON.stringify(USER)) as User));
    t.true(isDeeplyFrozen(first));
    for (let round = 0; round < 5; round += 1) t.is(dict.getFrozen('user'), first);
    t.false(Object.isFrozen(dict.get('user')));
    t.not(dict.get('user'), first);
    t.is(dict.getFrozen('user'), first, 'get changes nothing');
    other.set('user', USER);
    const second = dict.getFrozen('user');
    t.not(second, first);
    t.deepEqual(second, first);
    t.true(isDeeplyFrozen(second));
    other.expire('user', 60);
    const third = dict.getFrozen('user');
    t.deepEqual(third, first);
    t.is(dict.getFrozen('user'), third);
    other.delete('user');
    t.is(dict.getFrozen('user'), undefined);
    dict.set('user', USER);
    t.deepEqual(dict.getFrozen('user'), first);
    other.clear();
    t.is(dict.getFrozen('user'), undefined);
  });
}

test('getFrozen is exact about expiry', (t) => {
  const dict = makeDict(t);
  const plain = openAgain(t, dict, { localCache: false });
  for (const ttl of [0.02, 0.05, 1.02]) {
    dict.set('user', USER, ttl);
    const first = dict.getFrozen('user');
    while (plain.has('user')) if (dict.getFrozen('user') !== first && plain.has('user')) t.fail('another object before the deadline');
    t.is(dict.getFrozen('user'), undefined);
  }
});

test('getFrozen returns values that are not plain fresh and unfrozen, and others like get', (t) => {
  const dict = makeDict(t);
  for (const value of [{ map: new Map([[1, 2]]) }, { when: new Date(5), of: {} }, [Buffer.from('x')], new Set([1])]) {
    dict.set('odd', value);
    const read = dict.getFrozen('odd');
    t.deepEqual(read, value);
    t.false(Object.isFrozen(read));
    t.not(dict.getFrozen('odd'), read);
  }
  dict.set('bytes', Buffer.from('abc'));
  t.deepEqual(dict.getFrozen('bytes'), Buffer.from('abc'));
  for (const value of ['text', 1.5, true, null, 5n]) {
    dict.set('scalar', value, 60);
    for (let round = 0; round < 3; round += 1) t.is(dict.getFrozen('scalar'), value);
    t.is(dict.get('scalar'), value);
  }
  t.is(dict.getFrozen('missing'), undefined);
  dict.rpush('list', 'item');
  throwsShm(t, () => dict.getFrozen('list'), 'ERR_SHM_WRONG_TYPE');
  const shared = { n: 1 };
  dict.set('shared', { a: shared, b: shared });
  const read = dict.getFrozen('shared') as { a: object; b: object };
  t.is(read.a, read.b);
  t.true(isDeeplyFrozen(read));
});

test('getFrozen without a local cache returns a fresh frozen object each time', (t) => {
  const dict = makeDict(t, { localCache: false });
  dict.set('user', USER);
  const first = dict.getFrozen('user');
  t.true(isDeeplyFrozen(first));
  t.deepEqual(first, USER);
  t.not(dict.getFrozen('user'), first);
});

test('getFrozen keeps to the limits of the cache', (t) => {
  const dict = makeDict(t, { size: '8mb', localCache: { maxEntries: 8 } });
  const first = Array.from({ length: 100 }, (_, index) => {
    dict.set(`k${index}`, { index });
    return dict.getFrozen(`k${index}`);
  });
  t.not(dict.getFrozen('k0'), first[0]);
  t.is(dict.getFrozen('k99'), first[99]);
  const small = openAgain(t, dict, { localCache: { maxBytes: 4096 } });
  dict.set('large', { text: 'x'.repeat(10_000) });
  const large = small.getFrozen('large');
  t.not(small.getFrozen('large'), large);
  t.true(isDeeplyFrozen(large));
});

test('getFrozen agrees with get while other handles write', (t) => {
  const random = seeded(t);
  const dict = makeDict(t);
  const other: SharedDict = openAgain(t, dict, { localCache: false });
  let same = 0;
  const last = new Map<string, unknown>();
  for (let step = 0; step < 20_000; step += 1) {
    const key = `k${random(10)}`;
    const act = random(30);
    if (act === 0) other.set(key, { step, list: [step] });
    else if (act === 1) other.set(key, { step }, 1000);
    else if (act === 2 && random(10) === 0) other.clear();
    else if (act === 3) other.delete(key);
    else if (act === 4) other.expire(key, 500);
    else {
      const read = dict.getFrozen(key);
      t.deepEqual(read, other.get(key));
      if (read !== undefined && read === last.get(key)) same += 1;
      last.set(key, read);
    }
  }
  t.true(same > 5000, `${same}`);
});

test('a codec that reads other keys while getFrozen decodes disturbs nothing', (t) => {
  const dict = makeDict(t);
  const other = openAgain(t, dict);
  const hook: { run?: () => void } = {};
  const reader = openAgain(t, dict, {
    codec: {
      name: 'nested',
      encode: (value) => Buffer.from(JSON.stringify(value)),
      decode(bytes) {
        const value = JSON.parse(bytes.toString()) as unknown;
        hook.run?.();
        return value;
      },
    },
  });
  reader.set('outer', { of: 'outer' });
  dict.set('text', 'x');
  hook.run = () => {
    other.clear();
    other.set('text', 'y');
    t.is(reader.get('text'), 'y');
  };
  t.deepEqual(reader.getFrozen('outer'), { of: 'outer' });
  t.is(reader.getFrozen('outer'), undefined, 'it was cleared while it was decoded');
});

test('getFrozen returns the same object where the runtime makes no view of the memory', async (t) => {
  const env = { ...process.env, LD_AUDIT: noExternalBuffers(t), SHMKIT_TEST_BUFFERS: 'refused' };
  const child = startChild(t, 'frozen-without-view', [testName(t)], { env });
  t.deepEqual(await child.next(), [true, true, true, { a: [2] }, true]);
});

test('getFrozen freezes the properties of an array, and none if one of them is not plain', (t) => {
  const dict = makeDict(t);
  dict.set('match', 'k=v'.match(/(?<key>\w)=(?<value>\w)/));
  const match = dict.getFrozen('match') as RegExpMatchArray;
  t.true(isDeeplyFrozen(match));
  t.is(dict.getFrozen('match'), match);
  dict.set('dated', Object.assign([1], { when: new Date(0) }));
  const dated = dict.getFrozen('dated') as object;
  t.false(Object.isFrozen(dated));
  t.not(dict.getFrozen('dated'), dated);
});
