// The cache store of undici as its own stores are tested, by a clock that the test moves.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finished } from 'node:stream/promises';
import FakeTimers from '@sinonjs/fake-timers';
import { ShmCacheStore } from 'shmkit/undici';
import { Agent, interceptors, request } from 'undici';
import { listen, makeDict } from './host.mjs';

const KEY = { origin: 'localhost', path: '/', method: 'GET', headers: {} };

function responseOf(more) {
  const now = Date.now();
  return { statusCode: 200, statusMessage: '', headers: { foo: 'bar' }, cacheControlDirectives: {}, cachedAt: now, staleAt: now + 1000, deleteAt: now + 5000, ...more };
}

/** Writes a response, whose body has two chunks, without waiting for anything. */
function write(store, key, value, chunks = ['asd', Buffer.from('123')]) {
  const stream = store.createWriteStream(key, value);
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  return stream;
}

function assertFound(store, key, value, text = 'asd123') {
  const { body, ...head } = store.get(structuredClone(key));
  assert.equal(String(body), text);
  assert.deepEqual(head, value);
}

/** Moves the clock of JavaScript, and not that of the dictionary, which undici does not go by. */
function clockOf(t) {
  const clock = FakeTimers.install({ shouldClearNativeTimers: true, toFake: ['Date'] });
  t.after(() => clock.uninstall());
  return clock;
}

test('undici store: keeps responses to different paths, origins and methods apart', (t) => {
  const store = new ShmCacheStore(makeDict(t));
  const keys = [KEY, { ...KEY, path: '/asd' }, { ...KEY, origin: 'http://other' }, { ...KEY, method: 'HEAD' }];
  for (const key of keys) {
    assert.equal(store.get(key), undefined);
    const value = responseOf({ headers: { foo: key.path + key.origin + key.method, list: ['a', 'b'] } });
    write(store, key, value);
    assertFound(store, key, value);
  }
  store.delete(KEY);
  assert.deepEqual(keys.map((key) => store.get(key) !== undefined), [false, true, true, false]);
});

test('undici store: returns stale responses until they are to be deleted', (t) => {
  const clock = clockOf(t);
  const store = new ShmCacheStore(makeDict(t));
  const value = responseOf();
  write(store, KEY, value);
  clock.tick(1500);
  assertFound(store, KEY, value);
  clock.tick(6000);
  assert.equal(store.get(KEY), undefined);
});

test('undici store: writes over a stale response', (t) => {
  const clock = clockOf(t);
  const store = new ShmCacheStore(makeDict(t));
  write(store, KEY, responseOf());
  clock.tick(1500);
  const value = responseOf({ headers: { foo: 'baz' }, etag: '"etag"' });
  write(store, KEY, value, ['foo', '123']);
  assertFound(store, KEY, value, 'foo123');
});

test('undici store: chooses by the headers that vary, with lists and missing ones', (t) => {
  const store = new ShmCacheStore(makeDict(t));
  const variants = [{ 'some-header': 'hello' }, { 'some-header': 'world' }, { 'some-header': ['a', 'b'] }, { 'some-header': null }];
  const written = variants.map((vary, index) => ({ key: { ...KEY, headers: vary['some-header'] === null ? {} : vary }, value: responseOf({ vary, headers: { index: String(index) } }) }));
  for (const { key, value } of written) write(store, key, value);
  for (const { key, value } of written) assertFound(store, key, value);
  assert.equal(store.get({ ...KEY, headers: { 'some-header': ['a'] } }), undefined);
  assert.equal(store.get({ ...KEY, headers: { 'some-header': ['b', 'a'] } }), undefined);
});

test('undici store: a response without a body, and bytes that are no text, come back as they were', (t) => {
  const store = new ShmCacheStore(makeDict(t));
  const value = responseOf({ statusCode: 204 });
  write(store, KEY, value, []);
  assertFound(store, KEY, value, '');
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  write(store, KEY, value, [bytes]);
  assert.deepEqual(Buffer.from(store.get(KEY).body), bytes);
});

test('undici store: a body past maxEntrySize, or a stream that is destroyed, is not cached', async (t) => {
  const store = new ShmCacheStore(makeDict(t), { maxEntrySize: 6 });
  write(store, KEY, responseOf());
  assert.notEqual(store.get(KEY), undefined);
  for (const end of [(stream) => stream.end('12345678'), (stream) => stream.destroy()]) {
    const key = { ...KEY, path: '/other' };
    const stream = store.createWriteStream(key, responseOf());
    stream.write('123');
    assert.equal(store.get(key), undefined);
    end(stream);
    await finished(stream).catch(() => {});
    assert.equal(store.get(key), undefined);
  }
  for (const call of [() => store.get('a'), () => store.createWriteStream(null, responseOf()), () => store.delete(7)]) assert.throws(call, TypeError);
});

test('undici: revalidates what is stale, and drops a page when a POST to it succeeds', async (t) => {
  const asked = [];
  const url = await listen(t, ({ method, headers }, response) => {
    asked.push(`${method} ${headers['if-none-match'] ?? ''}`.trim());
    if (headers['if-none-match']) response.writeHead(304, { etag: '"1"', 'cache-control': 'max-age=60' }).end();
    else response.setHeader('etag', '"1"').setHeader('cache-control', 'max-age=0, stale-while-revalidate=0, must-revalidate').end('page');
  });
  const dispatcher = new Agent().compose(interceptors.cache({ store: new ShmCacheStore(makeDict(t)) }));
  const read = async (options) => (await request(url, { dispatcher, ...options })).body.text();
  assert.deepEqual([await read(), await read()], ['page', 'page']);
  await read({ method: 'POST' });
  assert.equal(await read(), 'page');
  assert.deepEqual(asked, ['GET', 'GET "1"', 'POST', 'GET']);
});
