// Caches and stores in their frameworks.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ErrorsAreMissesCache } from '@apollo/utils.keyvaluecache';
import { BentoCache, bentostore } from 'bentocache';
import { createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import { ShmKeyValueCache } from 'shmkit/apollo';
import { shmDriver as bentoDriver } from 'shmkit/bentocache';
import KeyvShmStore from 'shmkit/keyv';
import { ShmCacheStore } from 'shmkit/undici';
import shmDriver from 'shmkit/unstorage';
import * as undici from 'undici';
import { createStorage } from 'unstorage';
import { BROKEN, listen, makeDict } from './host.mjs';

function refused(error) {
  return error.code.startsWith('ERR_SHM_');
}

test('cache-manager: loads once, and tells the time left', async (t) => {
  const dict = makeDict(t);
  const caches = [1, 2].map(() => createCache({ stores: [new Keyv({ store: new KeyvShmStore(dict), namespace: 'c' })] }));
  let loads = 0;
  for (const cache of caches) assert.deepEqual(await cache.wrap('a', () => ({ load: (loads += 1) }), 60_000), { load: 1 });
  assert.equal(await caches[0].del('a'), true);
  assert.deepEqual(await caches[1].wrap('a', () => ({ load: (loads += 1) }), 60_000), { load: 2 });
  assert.ok(dict.ttl('c:a') > 50);
});

for (const [state, make] of Object.entries(BROKEN)) {
  test(`Keyv: a ${state} dictionary is a miss for reads, and an error event for writes`, async (t) => {
    const keyv = new Keyv({ store: new KeyvShmStore(make(t)), namespace: 'k' });
    const errors = [];
    keyv.on('error', (error) => errors.push(error.code));
    assert.equal(await keyv.get('a'), undefined);
    assert.equal(await keyv.set('a', 'x'.repeat(10_000)), false);
    assert.ok(errors.every((code) => code.startsWith('ERR_SHM_')) && errors.length > 0, `${errors}`);
  });
}

test('Keyv: the value of another program is a miss', async (t) => {
  const dict = makeDict(t);
  const keyv = new Keyv({ store: new KeyvShmStore(dict), namespace: 'k' });
  dict.rpush('k:list', 1);
  assert.equal(await keyv.get('list'), undefined);
  assert.equal(await keyv.set('list', 1), true);
  assert.equal(await keyv.get('list'), 1);
});

test('unstorage: keeps items with times to live under a base', async (t) => {
  const storage = createStorage({ driver: shmDriver({ dict: makeDict(t), base: 'u' }) });
  await storage.setItem('a:b', { x: 1 }, { ttl: 60 });
  await storage.setItemRaw('c', Buffer.from('raw'));
  assert.deepEqual(await storage.getItem('a:b'), { x: 1 });
  assert.deepEqual(await storage.getItemRaw('c'), Buffer.from('raw'));
  assert.deepEqual((await storage.getKeys()).toSorted(), ['a:b', 'c']);
  assert.ok((await storage.getMeta('a:b')).ttl > 20);
  await storage.removeItem('a:b');
  assert.deepEqual(await storage.getKeys(), ['c']);
  await storage.clear();
  assert.deepEqual(await storage.getKeys(), []);
});

for (const [state, make] of Object.entries(BROKEN)) {
  const text = 'x'.repeat(10_000);

  test(`unstorage: a ${state} dictionary rejects`, async (t) => {
    const storage = createStorage({ driver: shmDriver({ dict: make(t) }) });
    await assert.rejects(storage.setItem('a', text), refused);
    if (state === 'closed') await assert.rejects(storage.getItem('a'), refused);
  });

  test(`Apollo: a ${state} dictionary rejects, and is a miss behind ErrorsAreMissesCache`, async (t) => {
    const cache = new ShmKeyValueCache(make(t));
    await assert.rejects(cache.set('a', text), refused);
    const quiet = new ErrorsAreMissesCache(cache);
    assert.equal(await quiet.get('a'), undefined);
  });

  test(`Bentocache: a ${state} dictionary leaves the value to its factory`, async (t) => {
    const dict = make(t);
    const drivers = { l1: bentostore().useL1Layer(bentoDriver({ dict, prefix: 'b' })), l2: bentostore().useL2Layer(bentoDriver({ dict, type: 'l2', prefix: 'b' })) };
    const bento = new BentoCache({ default: 'l1', stores: drivers });
    assert.equal(await bento.getOrSet({ key: 'a', factory: () => text }), text);
    const other = bento.use('l2');
    assert.equal(await other.getOrSet({ key: 'a', factory: () => text, suppressL2Errors: true }), text);
    await assert.rejects(other.getOrSet({ key: 'a', factory: () => text }));
  });

  test(`undici: a ${state} dictionary costs the caching, and fails no request`, async (t) => {
    const url = await listen(t, (_request, response) => response.setHeader('cache-control', 'max-age=60').end(text));
    const store = new ShmCacheStore(make(t));
    const dispatcher = new undici.Agent().compose(undici.interceptors.cache({ store }));
    for (let request = 0; request < 2; request += 1) {
      const { body } = await undici.request(url, { dispatcher });
      assert.equal(await body.text(), text);
    }
  });
}

test('unstorage, Apollo and Bentocache: lists of another program are refused, or a miss for a first level', async (t) => {
  const dict = makeDict(t);
  for (const key of ['u:a', 'a:a', 'b:a']) dict.rpush(key, 1);
  await assert.rejects(createStorage({ driver: shmDriver({ dict, base: 'u' }) }).getItem('a'), { code: 'ERR_SHM_WRONG_TYPE' });
  await assert.rejects(new ShmKeyValueCache(dict, { prefix: 'a:' }).get('a'), { code: 'ERR_SHM_WRONG_TYPE' });
  assert.equal(bentoDriver({ dict, prefix: 'b' }).factory().get('a'), undefined);
  await assert.rejects(bentoDriver({ dict, type: 'l2', prefix: 'b' }).factory().get('a'), { code: 'ERR_SHM_WRONG_TYPE' });
});

test('unstorage, Apollo and Bentocache: texts of another program are values, but for a prefix', async (t) => {
  const dict = makeDict(t);
  for (const key of ['u:a', 'a', 'b:a']) dict.set(key, 'a text');
  const storage = createStorage({ driver: shmDriver({ dict, base: 'u' }) });
  assert.equal(await storage.getItem('a'), 'a text');
  assert.equal(await new ShmKeyValueCache(dict).get('a'), 'a text');
  assert.equal(await new ShmKeyValueCache(dict, { prefix: 'p:' }).get('a'), undefined);
  for (const type of ['l1', 'l2']) {
    assert.equal(await bentoDriver({ dict, type, prefix: 'b' }).factory().get('a'), 'a text');
    assert.equal(await bentoDriver({ dict, type, prefix: 'p' }).factory().get('a'), undefined);
  }
});

test('Apollo: keeps texts for their time', async (t) => {
  const dict = makeDict(t);
  const cache = new ShmKeyValueCache(dict, { prefix: 'a:' });
  await cache.set('k', 'v', { ttl: 60 });
  assert.equal(await cache.get('k'), 'v');
  assert.ok(dict.ttl('a:k') > 50);
  assert.equal(await cache.delete('k'), true);
  assert.equal(await cache.get('k'), undefined);
});

test('Bentocache: two instances share a first level, and delete by tag', async (t) => {
  const dict = makeDict(t);
  const [one, other] = [1, 2].map(() => new BentoCache({ default: 'shm', stores: { shm: bentostore().useL1Layer(bentoDriver({ dict, prefix: 'b' })) } }));
  assert.equal(await one.getOrSet({ key: 'a', factory: () => 'first', tags: ['t'] }), 'first');
  assert.equal(await other.getOrSet({ key: 'a', factory: () => 'second' }), 'first');
  await other.delete({ key: 'a' });
  assert.equal(await one.getOrSet({ key: 'a', factory: () => 'third' }), 'third');
});

test('Bentocache: a value that does not fit is not cached, nor is the one before it', async (t) => {
  const dict = makeDict(t, '64kb');
  const bento = new BentoCache({ default: 'shm', stores: { shm: bentostore().useL1Layer(bentoDriver({ dict, prefix: 'b' })) } });
  await bento.set({ key: 'a', value: 'old' });
  assert.equal(await bento.get({ key: 'a' }), 'old');
  await bento.set({ key: 'a', value: 'x'.repeat(100_000) });
  assert.equal(await bento.get({ key: 'a' }), undefined);
});

/** Undici 8 needs a newer Node.js than undici 7, which is reported where that is not what runs. */
async function undiciVersions(t) {
  try {
    return { 7: undici, 8: await import('undici-8') };
  } catch (error) {
    t.diagnostic(`NOT RUN: undici 8 on Node.js ${process.versions.node}: ${error.message}`);
    return { 7: undici };
  }
}

test('undici 7 and 8: answer from shared memory, for each variant', async (t) => {
  for (const { Agent, interceptors, request } of Object.values(await undiciVersions(t))) {
    let asked = 0;
    const url = await listen(t, ({ headers, method }, response) => {
      asked += 1;
      if (method === 'POST') response.end();
      else response.setHeader('cache-control', 'public, max-age=60').setHeader('vary', 'x-a').end(headers['x-a'].repeat(40_000));
    });
    const dispatcher = new Agent().compose(interceptors.cache({ store: new ShmCacheStore(makeDict(t)) }));
    const read = async (letter) => (await request(url, { dispatcher, headers: { 'x-a': letter } })).body.text();
    for (const letter of ['x', 'x', 'y', 'x', 'y']) assert.equal(await read(letter), letter.repeat(40_000));
    assert.equal(asked, 2);
    const { body } = await request(url, { dispatcher, method: 'POST' });
    await body.dump();
    assert.equal(await read('x'), 'x'.repeat(40_000));
    assert.equal(asked, 4);
  }
});
