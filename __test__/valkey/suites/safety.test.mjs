// What servers and their other users cannot do: forge or read sealed values, and lose writes that replicas have.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { test } from 'node:test';
import { createRequire } from 'node:module';
import { RemoteDict } from 'shmkit/valkey';
import { makeHost } from '../support/hosts.mjs';
import { clientOf, startCluster, startReplica, startServer } from '../support/servers.mjs';
import { until } from '../support/until.mjs';

const AS_BUFFERS = { typeMapping: { 36: Buffer } };
const VALUES = ['text', 1.5, true, null, 7n, Buffer.from('bytes'), { a: [new Date(5), new Map([[1, { b: 2 }]])] }];

test('sealed values come back by every call, and no one sees them on the server', async (t) => {
  const server = await startServer(t);
  const sealingKey = randomBytes(32);
  const dict = new RemoteDict({ url: server.url, prefix: 'app:', sealingKey });
  t.after(() => dict.close());
  const admin = await clientOf(t, server.url);
  for (const [index, value] of VALUES.entries()) {
    await dict.set(`v${index}`, value, 60);
    assert.deepEqual(await dict.get(`v${index}`), value);
  }
  assert.deepEqual(await Promise.all(VALUES.map((_, index) => dict.type(`v${index}`))), ['string', 'number', 'boolean', 'null', 'bigint', 'bytes', 'object']);
  await dict.set('secret', 'a long secret text');
  const raw = await admin.sendCommand(['GET', 'app:secret'], AS_BUFFERS);
  assert.ok(!raw.includes('secret'));
  assert.equal(await dict.swap('secret', 'other'), 'a long secret text');
  assert.equal(await dict.getAndExpire('secret', 5), 'other');
  assert.equal(await dict.take('secret'), 'other');
  assert.equal(await dict.update('u', (value = 0) => value + 1), 1);
  assert.equal(await dict.getOrSet('g', () => 'loaded', { ttl: 60, staleFor: 60 }), 'loaded');
  assert.deepEqual(await dict.getStale('g'), { value: 'loaded', stale: false });
  assert.equal(await dict.rpush('list', 'a', 2, Buffer.from('c')), 3);
  assert.deepEqual(await dict.lrange('list'), ['a', 2, Buffer.from('c')]);
  assert.deepEqual([await dict.lpop('list'), await dict.type('list'), await dict.rpop('list')], ['a', 'list', Buffer.from('c')]);
  assert.deepEqual((await dict.getMany(['v0', 'g'])).get('v0'), 'text');
  await assert.rejects(dict.throttle('t', { limit: 1, window: 1 }), { code: 'ERR_SHM_UNSUPPORTED' });
  for (const shown of [inspect(dict, { depth: 9, showHidden: true }), inspect(await dict.get('none'))]) assert.ok(!shown.includes(sealingKey.toString('hex')));
});

test('counters count in sealed values, with the rules of others', async (t) => {
  const server = await startServer(t);
  const dicts = [0, 1].map(() => new RemoteDict({ url: server.url, sealingKey: Buffer.alloc(32, 1) }));
  t.after(() => Promise.all(dicts.map((dict) => dict.close())));
  const [dict, other] = dicts;
  assert.equal(await dict.incr('n'), undefined);
  assert.equal(await dict.incr('n', 2, { init: 5, initTtl: 60 }), 7);
  assert.ok((await dict.ttl('n')) > 59);
  await Promise.all(Array.from({ length: 40 }, (_, index) => (index % 2 ? dict : other).incr('n')));
  const { value, ttl, version } = await dict.incr('n', 1, { detail: true });
  assert.equal(value, 48);
  assert.ok(ttl > 50 && ttl <= 60);
  assert.equal((await dict.getEntry('n')).version, version);
  assert.equal(await dict.incr('b', 1n, { init: 2n ** 63n - 2n }), 2n ** 63n - 1n);
  await assert.rejects(dict.incr('b', 1n), { code: 'ERR_SHM_OVERFLOW' });
  await assert.rejects(dict.incr('b', 1), { code: 'ERR_SHM_WRONG_TYPE' });
  await assert.rejects(dict.incr('n', NaN), { code: 'ERR_OUT_OF_RANGE' });
  await dict.set('s', 'x');
  await assert.rejects(dict.incr('s'), { code: 'ERR_SHM_WRONG_TYPE' });
});

test('a value that was forged, changed, moved to another key or not sealed is refused', async (t) => {
  const server = await startServer(t);
  const [first, second] = [randomBytes(32), randomBytes(32)];
  const open = (more) => new RemoteDict({ url: server.url, prefix: 'app:', ...more });
  const [dict, rolled, stranger, plain] = [open({ sealingKey: first }), open({ sealingKey: [second, first] }), open({ sealingKey: second }), open({})];
  t.after(() => Promise.all([dict, rolled, stranger, plain].map((each) => each.close())));
  const admin = await clientOf(t, server.url);
  await dict.set('k', { admin: false });
  await dict.rpush('list', 'item');
  assert.deepEqual(await rolled.get('k'), { admin: false });
  for (const reader of [stranger, plain]) {
    await assert.rejects(reader.get('k'), { code: 'ERR_SHM_UNTRUSTED', key: 'k' });
    await assert.rejects(reader.lrange('list'), { code: 'ERR_SHM_UNTRUSTED' });
  }
  await rolled.set('k', 1);
  await assert.rejects(dict.get('k'), { code: 'ERR_SHM_UNTRUSTED' });
  await dict.set('k', { admin: false });
  const raw = await admin.sendCommand(['GET', 'app:k'], AS_BUFFERS);
  for (let at = 18; at < raw.length; at += 1) {
    const changed = Buffer.from(raw);
    changed[at] ^= 1;
    await admin.sendCommand(['SET', 'app:k', changed]);
    await assert.rejects(dict.get('k'), { code: 'ERR_SHM_UNTRUSTED' }, `byte ${at}`);
  }
  await admin.sendCommand(['SET', 'app:other', raw]);
  await admin.sendCommand(['SET', 'app:short', raw.subarray(0, 30)]);
  await plain.set('unsealed', 1);
  for (const key of ['other', 'short', 'unsealed']) await assert.rejects(dict.get(key), { code: 'ERR_SHM_UNTRUSTED' });
  const item = (await admin.sendCommand(['LRANGE', 'app:list', '0', '0'], AS_BUFFERS))[0];
  await admin.sendCommand(['SET', 'app:list', Buffer.concat([raw.subarray(0, 18), item])]);
  await assert.rejects(dict.get('list'), { code: 'ERR_SHM_UNTRUSTED' });
  for (const wrong of ['x'.repeat(32), randomBytes(31), [], [randomBytes(32), 1]]) assert.throws(() => open({ sealingKey: wrong }), { code: 'ERR_INVALID_ARG_TYPE' });
});

test('a tier keeps what was sealed, once it is opened', async (t) => {
  const server = await startServer(t);
  const where = { url: server.url, sealingKey: randomBytes(32) };
  const [one, two] = await Promise.all([makeHost(t).open(where), makeHost(t).open(where)]);
  await one.set('k', { a: 1 });
  await until(async () => (await two.get('k'))?.a === 1 && two.peek('k')?.a === 1);
  assert.equal(await one.incr('n', 1, { init: 0 }), 1);
  assert.equal(await two.incr('n'), 2);
  assert.equal(await two.get('n'), 2);
});

test('a write waits for replicas, and rejects if they do not have it', async (t) => {
  const server = await startServer(t);
  const replica = await startReplica(t, server);
  const [one, two] = [1, 2].map((replicas) => new RemoteDict({ url: server.url, prefix: 'app:', replicas, timeout: 1 }));
  t.after(() => Promise.all([one.close(), two.close()]));
  const there = await clientOf(t, replica.url);
  for (let round = 0; round < 50; round += 1) {
    await one.set('k', round);
    const seen = await there.sendCommand(['GET', 'app:k'], AS_BUFFERS);
    assert.equal(seen.readDoubleBE(19), round);
  }
  assert.equal(await one.incr('n', 1, { init: 0 }), 1);
  assert.equal(await one.rpush('list', 1, 2), 2);
  assert.equal(await one.lpop('list'), 1);
  await assert.rejects(two.set('k', 2), (error) => error.code === 'ERR_SHM_REMOTE' && /1 of 2 replicas/.test(error.message));
  assert.equal(await two.get('k'), 2);
  await assert.rejects(two.clear(), { code: 'ERR_SHM_REMOTE' });
  replica.signal('SIGSTOP');
  await assert.rejects(one.set('k', 3), { code: 'ERR_SHM_REMOTE' });
  replica.signal('SIGCONT');
  await until(() => one.set('k', 4).then(() => true, () => false));
  await one.clear();
  assert.equal(await there.sendCommand(['DBSIZE']), 0);
  // A connection that is lost between a write and its confirmation confirms nothing.
  const admin = await clientOf(t, server.url);
  await admin.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes']);
  await until(() => one.set('k', 5).then(() => true, () => false));
  for (const wrong of [-1, 0.5, NaN]) assert.throws(() => new RemoteDict({ url: server.url, replicas: wrong }), { code: 'ERR_OUT_OF_RANGE' });
});

test('a write to a cluster waits for the replica of its master', async (t) => {
  const { urls, clients, servers } = await startCluster(t, { replicas: 3 });
  const dict = new RemoteDict({ cluster: urls, prefix: 'app:', replicas: 1, timeout: 2 });
  t.after(() => dict.close());
  for (let index = 0; index < 30; index += 1) await dict.set(`k${index}`, index);
  const counts = await Promise.all(clients.slice(3).map((client) => client.sendCommand(['DBSIZE'])));
  assert.equal(counts.reduce((sum, count) => sum + count), 30);
  await servers[3].kill();
  const results = await Promise.allSettled(Array.from({ length: 30 }, (_, index) => dict.set(`k${index}`, 'new')));
  const refused = results.filter(({ status }) => status === 'rejected').length;
  assert.equal(refused, counts[0]);
  const { Cluster } = createRequire(new URL('../clients/package.json', import.meta.url))('ioredis');
  const client = new Cluster(servers.slice(0, 3).map(({ port }) => ({ host: '127.0.0.1', port })));
  t.after(() => client.disconnect());
  assert.throws(() => new RemoteDict({ client, replicas: 1 }), { code: 'ERR_INVALID_ARG_VALUE' });
});
