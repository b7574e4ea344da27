// Keyv 5 and 6 past what their suite covers, and what is built on Keyv: cache-manager, cacheable and Nest's module.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { Cacheable } from 'cacheable';
import { createCache } from 'cache-manager';
import { CACHE_MANAGER, CacheModule } from '@nestjs/cache-manager';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Keyv } from 'keyv';
import { Keyv as Keyv6 } from 'keyv-6';
import KeyvShmStore from 'shmkit/keyv';
import { isAtLeast, makeDict } from './host.mjs';

const VERSIONS = { 5: Keyv, 6: Keyv6 };
/** Without a text in between, so that a dictionary's own codec sees the values. */
const PLAIN = { 5: { serialize: undefined, deserialize: undefined }, 6: { serialization: false } };

async function collected(iterable) {
  const found = [];
  for await (const each of iterable) found.push(each);
  return found.toSorted();
}

for (const [version, Class] of Object.entries(VERSIONS)) {
  const over = (dict, options) => new Class({ store: new KeyvShmStore(dict), ...options });

  test(`Keyv ${version}: batches answer for each key, in order`, async (t) => {
    const keyv = over(makeDict(t), { namespace: 'n' });
    assert.deepEqual(await keyv.setMany([{ key: 'a', value: 1 }, { key: 'b', value: { two: 2 } }, { key: 'c', value: null, ttl: 60_000 }]), [true, true, true]);
    assert.deepEqual(await keyv.getMany(['c', 'missing', 'b', 'a', 'a']), [null, undefined, { two: 2 }, 1, 1]);
    assert.deepEqual(await keyv.hasMany(['a', 'missing']), [true, false]);
    const deleted = [await keyv.deleteMany(['a', 'b']), await keyv.deleteMany(['a', 'b'])].map((each) => [each].flat().includes(true));
    assert.deepEqual(deleted, [true, false]);
    assert.deepEqual(await keyv.getMany(['a', 'b', 'c']), [undefined, undefined, null]);
  });

  test(`Keyv ${version}: an iterator has the keys of its namespace, and clear removes those alone`, async (t) => {
    const dict = makeDict(t);
    const [one, other, prefix] = ['one', 'other', 'on'].map((namespace) => over(dict, { namespace }));
    for (const keyv of [one, other, prefix]) for (const key of ['a', 'b:c']) await keyv.set(key, key);
    assert.deepEqual(await collected(one.iterator(one.namespace)), [['a', 'a'], ['b:c', 'b:c']]);
    await prefix.clear();
    assert.deepEqual([await one.get('a'), await other.get('b:c'), await prefix.get('a')], ['a', 'b:c', undefined]);
    await one.clear();
    assert.deepEqual([await one.get('a'), await other.get('a')], [undefined, 'a']);
  });

  test(`Keyv ${version}: without a text in between, dates, sets and bytes come back as such`, async (t) => {
    const keyv = over(makeDict(t), { ...PLAIN[version], namespace: 'n' });
    const value = { at: new Date(7), tags: new Set(['a']), bytes: Buffer.from('bytes') };
    assert.equal(await keyv.set('a', value, 60_000), true);
    const found = await keyv.get('a');
    assert.deepEqual([found.at, found.tags, Buffer.from(found.bytes).toString()], [value.at, value.tags, 'bytes']);
  });

  test(`Keyv ${version}: entries leave shared memory when their time is over`, async (t) => {
    const dict = makeDict(t);
    const keyv = over(dict, { namespace: 'n' });
    await keyv.set('a', 1, 60_000);
    assert.equal(await keyv.get('a'), 1);
    const [key] = dict.keys();
    await keyv.set('a', 1, 20);
    while (dict.has(key)) await dict.waitFor(key, { timeout: 60 });
    assert.deepEqual([await keyv.get('a'), await keyv.has('a')], [undefined, false]);
  });

  test(`Keyv ${version}: texts of every kind, and long keys, are kept`, async (t) => {
    const keyv = over(makeDict(t));
    for (const key of ['é ü 漢字 🙂', ' ', '__proto__', 'k'.repeat(10_000)]) {
      assert.equal(await keyv.set(key, key), true);
      assert.equal(await keyv.get(key), key);
    }
    for (const value of ['', 0, false, null, [], {}, 'x'.repeat(100_000)]) {
      await keyv.set('value', value);
      assert.deepEqual(await keyv.get('value'), value);
    }
  });
}

test('Keyv 5: a key that begins with the namespace is found again, and cleared', async (t) => {
  const dict = makeDict(t);
  const keyv = new Keyv({ store: new KeyvShmStore(dict), namespace: 'n' });
  await keyv.set('n:a', 1);
  assert.equal(await keyv.get('n:a'), 1);
  // Before 5.6, Keyv puts its prefix before such a key as well.
  assert.deepEqual([...dict.keys()], [isAtLeast(t, 'keyv', 5, 6) ? 'n:a' : 'n:n:a']);
  await keyv.clear();
  assert.equal(dict.size, 0);
});

test('Keyv 5: errors of reads reject when that is asked for', async (t) => {
  const dict = makeDict(t);
  const keyv = new Keyv({ store: new KeyvShmStore(dict), throwOnErrors: true });
  dict.close();
  await assert.rejects(keyv.get('a'), { code: 'ERR_SHM_CLOSED' });
});

test('cache-manager: batches, absolute times and clearing stay within the namespace', async (t) => {
  const dict = makeDict(t);
  const [cache, other] = ['c', 'd'].map((namespace) => createCache({ stores: [new Keyv({ store: new KeyvShmStore(dict), namespace })] }));
  await cache.mset([{ key: 'a', value: 1, ttl: 60_000 }, { key: 'b', value: 2 }]);
  await other.set('a', 'other');
  // A miss is null in cache-manager 6.
  const found = async (...keys) => (await cache.mget(keys)).map((each) => each ?? undefined);
  assert.deepEqual(await found('b', 'missing', 'a'), [2, undefined, 1]);
  const left = (await cache.ttl('a')) - Date.now();
  assert.ok(left > 30_000 && left <= 60_000, `${left}`);
  assert.equal(await cache.mdel(['a']), true);
  assert.deepEqual(await found('a', 'b'), [undefined, 2]);
  assert.equal(await cache.clear(), true);
  assert.deepEqual([(await cache.get('b')) ?? undefined, await other.get('a')], [undefined, 'other']);
});

for (const place of ['primary', 'secondary']) {
  test(`cacheable: shared memory as the ${place} store`, async (t) => {
    const dict = makeDict(t);
    const open = () => new Cacheable({ [place]: new Keyv({ store: new KeyvShmStore(dict), namespace: 'c' }) });
    const [one, other] = [open(), open()];
    assert.equal(await one.set('a', { id: 1 }, 60_000), true);
    assert.deepEqual(await other.get('a'), { id: 1 });
    assert.ok(dict.ttl('c:a') > 30);
    let loads = 0;
    for (const cache of [one, other]) assert.equal(await cache.getOrSet('loaded', async () => (loads += 1), { ttl: 60_000 }), 1);
    assert.equal(await one.setMany([{ key: 'b', value: 1 }, { key: 'c', value: 2 }]), true);
    assert.deepEqual(await other.getMany(['b', 'missing', 'c']), [1, undefined, 2]);
    assert.equal(await other.delete('a'), true);
    assert.equal(dict.has('c:a'), false);
    await one.clear();
    assert.equal(dict.size, 0);
  });
}

test('cacheable: a closed dictionary is a miss, and costs no request', async (t) => {
  const dict = makeDict(t);
  const cache = new Cacheable({ primary: new Keyv({ store: new KeyvShmStore(dict) }) });
  cache.on('error', () => {});
  dict.close();
  assert.equal(await cache.get('a'), undefined);
  assert.equal(await cache.getOrSet('a', async () => 'loaded'), 'loaded');
});

// Before version 12 Nest's module knows a Keyv by the class that `require` returns, and makes one of anything else.
const { Keyv: RequiredKeyv } = createRequire(import.meta.url)('keyv');
const NEST_STORES = {
  'Keyvs': (dict) => new RequiredKeyv({ store: new KeyvShmStore(dict), namespace: 'nest' }),
  'bare stores': (dict) => new KeyvShmStore(dict),
};

for (const [title, makeStore] of Object.entries(NEST_STORES)) {
  test(`Nest: two applications share the cache of Nest's module, made of ${title}`, async (t) => {
    const dict = makeDict(t);
    const start = async () => {
      class Application {
        isNest = true;
      }
      Module({ imports: [CacheModule.register({ stores: [makeStore(dict)], ttl: 60_000, namespace: 'nest' })] })(Application);
      const context = await NestFactory.createApplicationContext(Application, { logger: false, abortOnError: false });
      t.after(() => context.close());
      return context.get(CACHE_MANAGER);
    };
    const [one, other] = [await start(), await start()];
    await one.set('a', { id: 1 });
    assert.deepEqual(await other.get('a'), { id: 1 });
    assert.ok(dict.ttl('nest:a') > 30);
    assert.deepEqual(await other.wrap('a', () => ({ id: 2 })), { id: 1 });
    await other.del('a');
    assert.deepEqual(await one.wrap('a', () => ({ id: 3 })), { id: 3 });
  });
}
