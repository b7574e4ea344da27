import test from 'ava';
import { fastest } from '../support/clock';
import { makeDict, openAgain } from '../support/dict';
import { throwsArgType, throwsArgument, throwsShm } from '../support/throws';

const KEYS = [
  'a',
  'A',
  ' ',
  '\0',
  'a\0',
  'a\0\0',
  '\0a',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'ÿ',
  'ā',
  '\ud800',
  '\udfff',
  '\ufffd',
  '\ud800x',
  'é',
  'e\u0301',
  '東京',
  '😀',
  '0',
  '1e3',
  '\u2028',
  'x'.repeat(1000),
  '東'.repeat(1000),
];

for (const localCache of [true, false]) {
  test(`keys: every string is a key of its own, localCache: ${localCache}`, (t) => {
    const dict = makeDict(t, { localCache });
    for (const [index, key] of KEYS.entries()) t.true(dict.add(key, index), JSON.stringify(key));
    t.is(dict.size, KEYS.length);
    for (const [index, key] of KEYS.entries()) t.is(dict.get(key), index, JSON.stringify(key));
    t.deepEqual(dict.getKeys().toSorted(), KEYS.toSorted());
    t.deepEqual([...dict.keys()].toSorted(), KEYS.toSorted());
  });
}

test('keys: a Latin-1 key and a UTF-16 key with the same bytes are two keys', (t) => {
  const dict = makeDict(t);
  const wide = '\u4241\u0100';
  const narrow = Buffer.from(wide, 'utf16le').toString('latin1');
  dict.set(wide, 'wide');
  dict.set(narrow, 'narrow');
  t.is(dict.get(wide), 'wide');
  t.is(dict.get(narrow), 'narrow');
  t.is(dict.size, 2);
});

test('keys: every code unit is a key', (t) => {
  const dict = makeDict(t, { size: '16mb' });
  for (let unit = 0; unit < 65_536; unit += 1) dict.set(String.fromCharCode(unit), unit);
  t.is(dict.size, 65_536);
  for (let unit = 0; unit < 65_536; unit += 1) {
    if (dict.get(String.fromCharCode(unit)) !== unit) t.fail(`unit ${unit}`);
  }
});

test('keys: 65,535 stored bytes work, and one more throws ERR_SHM_TOO_LARGE', (t) => {
  const dict = makeDict(t, { size: '4mb' });
  const longest = 'k'.repeat(65_535);
  t.true(dict.set(longest, 1));
  t.is(dict.get(longest), 1);
  t.deepEqual(dict.getKeys(), [longest]);
  const wideLongest = '東'.repeat(32_767);
  t.true(dict.set(wideLongest, 2));
  t.is(dict.get(wideLongest), 2);
  for (const key of ['k'.repeat(65_536), '東'.repeat(32_768), `${'k'.repeat(40_000)}東`]) {
    throwsShm(t, () => dict.set(key, 1), 'ERR_SHM_TOO_LARGE');
    throwsShm(t, () => dict.get(key), 'ERR_SHM_TOO_LARGE');
  }
});

test('keys: every length works', (t) => {
  const dict = makeDict(t, { size: '4mb' });
  for (const unit of ['k', '東']) {
    for (let length = 1; length <= 600; length += 1) {
      const key = unit.repeat(length);
      dict.set(key, length);
      if (dict.get(key) !== length) t.fail(`${length} times ${unit}`);
    }
  }
  t.is(dict.size, 1200);
});

test('keys: long keys that differ in one unit are different', (t) => {
  const dict = makeDict(t);
  for (let place = 0; place < 300; place += 1) dict.set(`${'a'.repeat(place)}b${'a'.repeat(299 - place)}`, place);
  t.is(dict.size, 300);
  t.is(dict.get(`${'a'.repeat(150)}b${'a'.repeat(149)}`), 150);
});

const CALLS: Array<[string, (dict: ReturnType<typeof makeDict>, key: never) => unknown]> = [
  ['get', (dict, key) => dict.get(key)],
  ['set', (dict, key) => dict.set(key, 1)],
  ['add', (dict, key) => dict.add(key, 1)],
  ['replace', (dict, key) => dict.replace(key, 1)],
  ['has', (dict, key) => dict.has(key)],
  ['delete', (dict, key) => dict.delete(key)],
  ['del', (dict, key) => dict.del(key)],
  ['take', (dict, key) => dict.take(key)],
  ['swap', (dict, key) => dict.swap(key, 1)],
  ['getInto', (dict, key) => dict.getInto(key, Buffer.alloc(8))],
  ['incr', (dict, key) => dict.incr(key)],
  ['ttl', (dict, key) => dict.ttl(key)],
  ['expire', (dict, key) => dict.expire(key, 1)],
  ['getEntry', (dict, key) => dict.getEntry(key)],
  ['update', (dict, key) => dict.update(key, () => 1)],
  ['getMany', (dict, key) => dict.getMany([key])],
  ['setMany', (dict, key) => dict.setMany([[key, 1]])],
  ['deleteMany', (dict, key) => dict.deleteMany([key])],
  ['getStale', (dict, key) => dict.getStale(key)],
  ['lpush', (dict, key) => dict.lpush(key, 1)],
  ['rpush', (dict, key) => dict.rpush(key, 1)],
  ['lpop', (dict, key) => dict.lpop(key)],
  ['rpop', (dict, key) => dict.rpop(key)],
  ['llen', (dict, key) => dict.llen(key)],
  ['lrange', (dict, key) => dict.lrange(key)],
];

for (const [name, call] of CALLS) {
  test(`${name} refuses an empty key and one that is no string`, (t) => {
    const dict = makeDict(t);
    throwsArgument(t, () => call(dict, '' as never), 'empty');
    for (const key of [undefined, null, 1, 1n, true, {}, [], ['a'], Symbol('s'), Object('boxed')]) {
      throwsArgType(t, () => call(dict, key as never), String(typeof key));
    }
    t.is(dict.size, 0);
  });
}

test('getOrSet refuses an empty key and one that is no string', async (t) => {
  const dict = makeDict(t);
  for (const key of ['', 1, undefined]) {
    const error = await t.throwsAsync(async () => dict.getOrSet(key as never, () => 1, { ttl: 1 }));
    t.regex((error as { code?: string }).code ?? '', /^ERR_(INVALID_ARG|OUT_OF)/);
  }
});

test('keys: a key is the same string when another handle lists it', (t) => {
  const dict = makeDict(t);
  const other = openAgain(t, dict);
  for (const key of KEYS) dict.set(key, key);
  t.deepEqual(other.getKeys().toSorted(), KEYS.toSorted());
  for (const [key, value] of other.entries()) t.is(key, value as string);
});

test('keys: strings that collide in a known hash are as fast as others', (t) => {
  // "Aa" and "BB" have the same hash in the multiply-by-31 family, and so have all strings composed of them.
  const dict = makeDict(t, { size: '32mb', localCache: false });
  const made = Array.from({ length: 2 ** 15 }, (_, index) =>
    index.toString(2).padStart(15, '0').replaceAll('0', 'Aa').replaceAll('1', 'BB'),
  );
  const plain = made.map((_, index) => `plain-key-of-30-characters-${index}`);
  const time = (keys: string[]) => {
    const start = process.hrtime.bigint();
    for (const key of keys) dict.set(key, 1);
    for (const key of keys) dict.get(key);
    return Number(process.hrtime.bigint() - start);
  };
  const ratio = fastest(() => time(made)) / fastest(() => time(plain));
  t.true(ratio < 10, `${ratio.toFixed(1)} times as slow`);
});
