// The cache for Apollo Server, by itself and in the wrappers of its package.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ErrorsAreMissesCache, PrefixingKeyValueCache } from '@apollo/utils.keyvaluecache';
import { ShmKeyValueCache } from 'shmkit/apollo';
import { makeDict } from './host.mjs';

test('Apollo: get, set, write over and delete', async (t) => {
  const cache = new ShmKeyValueCache(makeDict(t));
  assert.equal(await cache.get('hello'), undefined);
  assert.equal(await cache.set('hello', 'world'), undefined);
  assert.equal(await cache.get('hello'), 'world');
  await cache.set('hello', 'there');
  assert.equal(await cache.get('hello'), 'there');
  assert.deepEqual([await cache.delete('hello'), await cache.delete('hello')], [true, false]);
  assert.equal(await cache.get('hello'), undefined);
});

test('Apollo: times are seconds, with a default, and null for none', async (t) => {
  const dict = makeDict(t);
  const cache = new ShmKeyValueCache(dict);
  for (const [key, options, most] of [['default', undefined, 300], ['undefined', { ttl: undefined }, 300], ['given', { ttl: 7 }, 7]]) {
    await cache.set(key, 'v', options);
    assert.ok(dict.ttl(key) > most - 5 && dict.ttl(key) <= most, `${key} ${dict.ttl(key)}`);
  }
  await cache.set('none', 'v', { ttl: null });
  assert.equal(dict.ttl('none'), 0);
  await cache.set('none', 'v', { ttl: 0 });
  assert.equal(await cache.get('none'), undefined);
});

test('Apollo: entries end with their time', async (t) => {
  const dict = makeDict(t);
  const cache = new ShmKeyValueCache(dict);
  await cache.set('short', 's', { ttl: 0.02 });
  await cache.set('long', 'l', { ttl: 60 });
  while (dict.has('short')) await dict.waitFor('short', { timeout: 60 });
  assert.deepEqual([await cache.get('short'), await cache.get('long')], [undefined, 'l']);
});

test('Apollo: the wrappers of its package work over it', async (t) => {
  const dict = makeDict(t);
  const cache = new PrefixingKeyValueCache(new ErrorsAreMissesCache(new ShmKeyValueCache(dict)), 'apq:');
  await cache.set('a', 'v', { ttl: 60 });
  assert.deepEqual([...dict.keys()], ['apq:a']);
  assert.equal(await cache.get('a'), 'v');
  await cache.delete('a');
  dict.close();
  assert.equal(await cache.get('a'), undefined);
});

test('Apollo: long keys of queries are told apart', async (t) => {
  const cache = new ShmKeyValueCache(makeDict(t));
  const [one, other] = ['x', 'y'].map((end) => 'query '.repeat(20_000) + end);
  await cache.set(one, '1');
  assert.deepEqual([await cache.get(one), await cache.get(other)], ['1', undefined]);
});
