import { finished } from 'node:stream/promises';
import test from 'ava';
import { ShmCacheStore } from 'shmkit/undici';
import { makeDict } from '../support/dict';

const KEY = { origin: 'http://localhost', method: 'GET', path: '/a' };

function response(more: object = {}) {
  const now = Date.now();
  return { statusCode: 200, statusMessage: '', headers: { a: 'b' }, cachedAt: now, staleAt: now + 60_000, deleteAt: now + 120_000, ...more };
}

function keyIn(language: string) {
  return { ...KEY, headers: { accept: 'a', 'accept-language': language } };
}

async function store(cache: ShmCacheStore, body: string, more: object = {}, key: object = KEY): Promise<void> {
  const stream = cache.createWriteStream(key as typeof KEY, response(more));
  stream.end(body);
  await finished(stream).catch(() => {});
}

test('undici store: keeps a variant for each value of the headers that vary', async (t) => {
  const cache = new ShmCacheStore(makeDict(t));
  for (const language of ['de', 'en', 'de']) await store(cache, `body ${language}`, { vary: { 'accept-language': language } });
  for (const language of ['de', 'en']) t.is(String(cache.get({ ...KEY, headers: { 'accept-language': language } }).body), `body ${language}`);
  t.is(cache.get({ ...KEY, headers: {} }), undefined);
  t.is(cache.get({ ...KEY, method: 'HEAD', headers: { 'accept-language': 'de' } }), undefined);
  cache.delete(KEY);
  t.is(cache.get({ ...KEY, headers: { 'accept-language': 'de' } }), undefined);
});

test('undici store: when a server names other headers in vary, its newest response is found', async (t) => {
  const dict = makeDict(t);
  const cache = new ShmCacheStore(dict);
  const [german, english] = [keyIn('de'), keyIn('en')];
  await store(cache, 'one', { vary: { accept: 'a' } }, german);
  await store(cache, 'two', { vary: { accept: 'a', 'accept-language': 'de' } }, german);
  t.is(String(cache.get(german)?.body), 'two');
  t.is(cache.get(english), undefined);
  t.is(dict.size, 2);
  await store(cache, 'three', { vary: { accept: 'a', 'accept-language': 'en' } }, english);
  await store(cache, 'four', { vary: null, cachedAt: Date.now() - 1000 }, german);
  for (const key of [german, english]) t.is(String(cache.get(key)?.body), 'four');
});

test('undici store: keeps a bounded number of variants, the newest, and no bodies with them', async (t) => {
  const dict = makeDict(t);
  const cache = new ShmCacheStore(dict, { maxVariants: 8 });
  const now = Date.now();
  for (let index = 0; index < 20; index += 1) await store(cache, `${index}`.repeat(10_000), { vary: { a: `${index}` }, cachedAt: now + index });
  const found = Array.from({ length: 20 }, (_, index) => cache.get({ ...KEY, headers: { a: `${index}` } }));
  t.deepEqual(found.map((each) => each !== undefined), found.map((_response, index) => index >= 12));
  t.is(String(found[19].body), '19'.repeat(10_000));
  t.true((dict.sizeOf('http:http://localhost /a') as number) < 10_000);
  // Those that gave way took their bodies with them.
  t.true(dict.size <= 9);
});

test('undici store: keeps 32 variants by default, each of which is found', async (t) => {
  const cache = new ShmCacheStore(makeDict(t));
  const now = Date.now();
  for (let index = 0; index < 40; index += 1) {
    await store(cache, `${index}`, { vary: { a: `${index}` }, cachedAt: now + index });
    t.is(String(cache.get({ ...KEY, headers: { a: `${Math.max(0, index - 31)}` } })?.body), `${Math.max(0, index - 31)}`);
  }
  t.is(cache.get({ ...KEY, headers: { a: '7' } }), undefined);
});

test('undici store: misses when the dictionary is closed, or holds foreign values', async (t) => {
  const dict = makeDict(t);
  const cache = new ShmCacheStore(dict);
  const id = 'http:http://localhost /a';
  for (const foreign of ['text', 7, [null], { length: 2 }]) {
    dict.set(id, foreign);
    t.is(cache.get(KEY), undefined);
    cache.delete(KEY);
    t.false(dict.has(id));
  }
  dict.rpush(id, 'a list');
  t.is(cache.get(KEY), undefined);
  cache.delete(KEY);
  t.false(dict.has(id));
  dict.set(id, 'text');
  await store(cache, 'body');
  t.is(String(cache.get(KEY).body), 'body');
  dict.close();
  t.is(cache.get(KEY), undefined);
  cache.delete(KEY);
  await store(cache, 'body');
  t.true(cache.failed >= 4);
});

test('undici store: a large body has an entry of its own, which goes with its variant', async (t) => {
  const dict = makeDict(t);
  const cache = new ShmCacheStore(dict);
  for (const letter of ['x', 'y']) await store(cache, letter.repeat(100_000));
  t.is(String(cache.get(KEY).body), 'y'.repeat(100_000));
  t.is(dict.size, 2);
  cache.delete(KEY);
  t.is(dict.size, 0);
});

test('undici store: caches nothing that is over, destroyed, or does not fit', async (t) => {
  const dict = makeDict(t, { size: '64kb' });
  const cache = new ShmCacheStore(dict, { maxEntrySize: 200_000 });
  await store(cache, 'x'.repeat(300_000));
  await store(cache, 'x'.repeat(100_000));
  await store(cache, 'x', { deleteAt: Date.now() - 1 });
  const stream = cache.createWriteStream(KEY, response());
  stream.write('x');
  stream.destroy();
  t.is(cache.get(KEY), undefined);
  t.is(dict.size, 0);
  t.throws(() => cache.get('a' as never), { instanceOf: TypeError });
});
