// TieredDict on one server with two hosts: what is read where, and what removes it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { SharedDict } from 'shmkit';
import { TieredDict } from 'shmkit/valkey';
import { makeHost } from '../support/hosts.mjs';
import { clientOf, startCluster, startServer } from '../support/servers.mjs';
import { until } from '../support/until.mjs';

test('a key is fetched once a host, and read from shared memory from then on', async (t) => {
  const server = await startServer(t);
  const host = makeHost(t);
  const one = await host.open({ url: server.url });
  const others = await Promise.all([host.start({ url: server.url }), host.start({ url: server.url })]);
  await one.remote.set('k', { a: 1 }, 100);
  const before = (await one.stats()).fetches;
  const values = await Promise.all([one.get('k'), one.get('k'), ...others.map((other) => other.call('get', 'k'))]);
  assert.deepEqual(values, Array.from({ length: 4 }, () => ({ a: 1 })));
  assert.notEqual(values[0], values[1]);
  assert.equal((await one.stats()).fetches - before, 1);
  assert.deepEqual(one.peek('k'), { a: 1 });
  assert.equal((await one.stats()).suspect, false);
});

test('a write fills no tier, and is read by its own host at once and by others soon', async (t) => {
  const server = await startServer(t);
  const [one, two] = await Promise.all([makeHost(t).open({ url: server.url }), makeHost(t).open({ url: server.url })]);
  for (let round = 0; round < 50; round += 1) {
    const writer = round % 2 ? one : two;
    const reader = round % 2 ? two : one;
    await reader.get('k');
    await writer.set('k', round);
    assert.equal(writer.peek('k'), undefined);
    assert.equal(await writer.get('k'), round);
    await until(() => reader.peek('k') === undefined || reader.peek('k') === round, 1000, 0);
    assert.equal(await reader.get('k'), round);
  }
});

test('every call that writes is seen by both hosts', async (t) => {
  const server = await startServer(t);
  const [one, two] = await Promise.all([makeHost(t).open({ url: server.url }, { negativeTtl: 60 }), makeHost(t).open({ url: server.url }, { negativeTtl: 60 })]);
  const both = async (key, expected) => {
    assert.deepEqual(await one.get(key), expected);
    await until(async () => {
      try {
        assert.deepEqual(await two.get(key), expected);
        return true;
      } catch {
        return false;
      }
    }, 1000, 1);
  };
  await both('k', undefined);
  await one.add('k', 1);
  await both('k', 1);
  await one.replace('k', 2);
  await both('k', 2);
  assert.equal(await one.swap('k', 3), 2);
  await both('k', 3);
  assert.equal(await one.incr('k'), 4);
  await both('k', 4);
  await one.update('k', (value) => value + 1);
  await both('k', 5);
  assert.equal(await one.take('k'), 5);
  await both('k', undefined);
  await one.setMany([['k', 1], ['l', 2]]);
  await both('l', 2);
  await one.deleteMany(['k', 'l']);
  await both('l', undefined);
  await both('k', undefined);
  assert.equal(await one.getOrSet('k', () => 7, 100), 7);
  await both('k', 7);
  assert.equal(await one.getAndExpire('k', 0.1), 7);
  await until(async () => (await one.get('k')) === undefined && (await two.get('k')) === undefined, 2000);
  await one.set('k', 8);
  await both('k', 8);
  await one.deletePrefix('k');
  await both('k', undefined);
  await one.rpush('k', 'a');
  await assert.rejects(one.get('k'), { code: 'ERR_SHM_WRONG_TYPE' });
  await until(() => two.get('k').then(() => false, ({ code }) => code === 'ERR_SHM_WRONG_TYPE'));
  await one.clear();
  await both('k', undefined);
  await one.set('x:{y}', [1, { z: null }]);
  await both('x:{y}', [1, { z: null }]);
  assert.deepEqual(await one.getMany(['x:{y}', 'none']), new Map([['x:{y}', [1, { z: null }]]]));
  assert.equal(await one.has('x:{y}'), true);
  assert.equal(await one.ttl('x:{y}'), 0);
});

test('times to live, of the server and of the options, bound what the tier keeps', async (t) => {
  const server = await startServer(t);
  const host = makeHost(t);
  const dict = await host.open({ url: server.url }, { maxTtl: 50, negativeTtl: 20 });
  const tier = SharedDict.open('tier', { dir: host.dir });
  t.after(() => tier.close());
  await dict.set('short', 1, 10);
  await dict.set('long', 1);
  // The server's report of an own write may still be on its way, and remove what was fetched meanwhile.
  await until(async () => (await Promise.all(['short', 'long', 'none'].map((key) => dict.get(key)))) && ['short', 'long', 'none'].every((key) => tier.has(key)));
  assert.ok(tier.ttl('short') > 9 && tier.ttl('short') <= 10);
  assert.ok(tier.ttl('long') > 49 && tier.ttl('long') <= 50);
  assert.ok(tier.ttl('none') > 19 && tier.ttl('none') <= 20);
  await until(async () => {
    const { fetches } = await dict.stats();
    assert.equal(await dict.get('none'), undefined);
    return (await dict.stats()).fetches === fetches;
  });
  assert.equal(dict.peek('none'), undefined);
  await until(async () => (await dict.get('short')) === 1 && tier.get('short') === 1);
});

test('what others write, FLUSHALL, and what expires leave the tier', async (t) => {
  const server = await startServer(t);
  const dict = await makeHost(t).open({ url: server.url });
  const admin = await clientOf(t, server.url);
  await dict.set('k', 1);
  assert.equal(await dict.get('k'), 1);
  await admin.sendCommand(['DEL', 'app:k']);
  await until(() => dict.peek('k') === undefined, 1000, 0);
  await dict.set('k', 1);
  await dict.get('k');
  const { invalidations } = await dict.stats();
  await admin.sendCommand(['FLUSHALL']);
  await until(() => dict.peek('k') === undefined, 1000, 0);
  assert.equal(await dict.get('k'), undefined);
  // A connection that was lost meanwhile has reported nothing.
  await until(async () => (await admin.sendCommand(['FLUSHALL'])) && (await dict.stats()).invalidations > invalidations, 10_000, 150);
});

test('a value that does not fit into the tier is fetched each time', async (t) => {
  const server = await startServer(t);
  const dict = await makeHost(t).open({ url: server.url }, { maxSize: '128kb' });
  const large = 'x'.repeat(500_000);
  await dict.set('k', large);
  assert.equal(await dict.get('k'), large);
  assert.equal(await dict.get('k'), large);
  assert.equal(dict.peek('k'), undefined);
  const small = await makeHost(t).open({ url: server.url }, { maxSize: '64kb' });
  const long = 'k'.repeat(65_000);
  await small.set(long, 1);
  assert.deepEqual([await small.get(long), await small.getOrSet(long, () => 2), await small.get('missing')], [1, 1, undefined]);
});

test('a cluster of three masters: each reports its keys', async (t) => {
  const { urls } = await startCluster(t);
  const [one, two] = await Promise.all([makeHost(t).open({ cluster: urls }), makeHost(t).open({ cluster: urls })]);
  const keys = Array.from({ length: 100 }, (_, index) => `k${index}`);
  await one.setMany(keys.map((key) => [key, 1]));
  await until(async () => (await two.getMany(keys)).size === 100 && keys.every((key) => two.peek(key) === 1), 30_000);
  await one.setMany(keys.map((key) => [key, 2]));
  await until(() => keys.every((key) => two.peek(key) === undefined), 1000, 1);
  assert.deepEqual([...(await two.getMany(keys)).values()], keys.map(() => 2));
});

test('options are checked, and closing is final', async (t) => {
  const server = await startServer(t);
  const host = makeHost(t);
  const dict = await host.open({ url: server.url });
  await assert.rejects(TieredDict.open('tier', { remote: {} }), { code: 'ERR_INVALID_ARG_TYPE' });
  for (const wrong of [{ trust: 0 }, { trust: -1 }, { maxStale: NaN }]) await assert.rejects(TieredDict.open('tier', { remote: dict.remote, dir: host.dir, ...wrong }), { code: 'ERR_OUT_OF_RANGE' });
  await assert.rejects(TieredDict.open('tier', { remote: dict.remote, dir: host.dir, truts: 1 }), { code: 'ERR_INVALID_ARG_VALUE' });
  await assert.rejects(host.open({ url: server.url, prefix: 'other:' }), { code: 'ERR_SHM_OPTIONS_MISMATCH' });
  await assert.rejects(TieredDict.open('', { remote: dict.remote }), { code: 'ERR_SHM_INVALID_NAME' });
  // Neither tier is a value.
  for (const handle of [dict, dict.remote]) {
    await assert.rejects(dict.set('k', { handle }), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => structuredClone(handle), { name: 'DataCloneError' });
  }
  await assert.rejects(dict.get(''), { code: 'ERR_INVALID_ARG_VALUE' });
  await dict.close();
  await dict.close();
  const closed = { code: 'ERR_SHM_CLOSED' };
  for (const call of ['get', 'has', 'getEntry', 'getStale', 'ttl', 'type', 'sizeOf', 'llen', 'lrange', 'delete', 'take', 'incr', 'deletePrefix']) await assert.rejects(dict[call]('k'), closed, call);
  for (const call of ['getKeys', 'clear', 'stats']) await assert.rejects(dict[call](), closed, call);
  for (const iterator of [dict.keys(), dict.entries(), dict.watch(), dict[Symbol.asyncIterator]()]) await assert.rejects(iterator.next(), closed);
  await assert.rejects(dict.getInto('k', Buffer.alloc(1)), closed);
  assert.throws(() => dict.peek('k'), closed);
  assert.match(inspect(dict), /^TieredDict \{ closed: true \}$/);
  assert.equal(TieredDict.unlink('tier', { dir: host.dir }), true);
  assert.equal(TieredDict.unlink('tier', { dir: host.dir }), false);
});
