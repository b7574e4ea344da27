// RemoteDict when servers die, hang and return, and what errors say.
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createRequire } from 'node:module';
import { RemoteDict } from 'shmkit/valkey';
import { clientOf, startCluster, startServer } from '../support/servers.mjs';
import { until } from '../support/until.mjs';

const redis = createRequire(import.meta.url)('redis');

test('an error has the client\'s own error as its cause, and no credentials', async (t) => {
  const server = await startServer(t, { args: ['--requirepass', 'right'] });
  const url = `redis://user:s3cret%21@127.0.0.1:${server.port}`;
  const dict = new RemoteDict({ url, prefix: 'app:' });
  t.after(() => dict.close());
  const error = await dict.get('k').catch((thrown) => thrown);
  assert.equal(error.code, 'ERR_SHM_REMOTE');
  assert.equal(error.key, 'k');
  assert.ok(error.cause instanceof redis.ErrorReply);
  for (const shown of [inspect(error, { depth: 9, showHidden: true }), inspect(dict, { depth: 9, showHidden: true }), JSON.stringify(error)]) assert.doesNotMatch(shown, /s3cret/);
});

test('items of a list that are too large are refused, and stay', async (t) => {
  const server = await startServer(t);
  const [dict, small] = [undefined, 1000].map((maxValueSize) => new RemoteDict({ url: server.url, prefix: 'app:', maxValueSize }));
  t.after(() => Promise.all([dict.close(), small.close()]));
  await dict.rpush('list', 'x'.repeat(2000), 'a', 'x'.repeat(600), 'x'.repeat(600));
  for (const read of [() => small.lpop('list'), () => small.lrange('list'), () => small.lrange('list', 2, 3)]) await assert.rejects(read(), { code: 'ERR_SHM_TOO_LARGE' });
  assert.equal(await dict.llen('list'), 4);
  assert.deepEqual(await small.lrange('list', 1, 1), ['a']);
  assert.equal(await small.rpop('list'), 'x'.repeat(600));
  assert.equal(await dict.lpop('list'), 'x'.repeat(2000));
  assert.deepEqual(await small.lrange('list', 0, 0), ['a']);
});

test('a server that is not there is told at once', async (t) => {
  const dict = new RemoteDict({ url: 'redis://127.0.0.1:1', prefix: 'app:' });
  t.after(() => dict.close());
  const begun = performance.now();
  await assert.rejects(dict.get('k'), (error) => error.code === 'ERR_SHM_REMOTE' && error.cause.code === 'ECONNREFUSED');
  await assert.rejects(dict.set('k', 1), { code: 'ERR_SHM_REMOTE' });
  assert.ok(performance.now() - begun < 4000);
});

test('a server that hangs is given up after the timeout, and used again when it goes on', async (t) => {
  const server = await startServer(t);
  const dict = new RemoteDict({ url: server.url, timeout: 0.2 });
  t.after(() => dict.close());
  await dict.set('k', 1);
  server.signal('SIGSTOP');
  await assert.rejects(dict.get('k'), { code: 'ERR_SHM_REMOTE' });
  server.signal('SIGCONT');
  await until(() => dict.get('k').then((value) => value === 1, () => false));
});

test('a server that was killed is used again when it is back, and its scripts are sent again', async (t) => {
  const server = await startServer(t);
  const dict = new RemoteDict({ url: server.url });
  t.after(() => dict.close());
  await dict.incr('n', 1, { init: 0 });
  await server.kill();
  await assert.rejects(dict.get('n'), { code: 'ERR_SHM_REMOTE' });
  await server.start();
  await until(() => dict.incr('n', 1, { init: 0 }).then((value) => value === 1, () => false));
});

test('a connection that is killed costs its calls and no more', async (t) => {
  const server = await startServer(t);
  const dict = new RemoteDict({ url: server.url });
  t.after(() => dict.close());
  const admin = await clientOf(t, server.url);
  await dict.set('k', 1);
  await admin.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes']);
  await until(() => dict.get('k').then((value) => value === 1, () => false));
});

test('a lease ends when its holder is gone, and the loader of another runs', async (t) => {
  const server = await startServer(t);
  const one = new RemoteDict({ url: server.url, prefix: 'app:' });
  const two = new RemoteDict({ url: server.url, prefix: 'app:' });
  t.after(() => two.close());
  void one.getOrSet('k', () => new Promise(() => {}), 5).catch(() => {});
  const admin = await clientOf(t, server.url);
  const lease = 'app::lease{app:k}';
  await until(async () => (await admin.sendCommand(['EXISTS', lease])) === 1);
  await one.close();
  assert.ok((await admin.sendCommand(['PTTL', lease])) <= 10_000);
  await admin.sendCommand(['PEXPIRE', lease, '20']);
  assert.equal(await two.getOrSet('k', () => 2, 5), 2);
});

test('the holder of a lease that ended stores nothing', async (t) => {
  const server = await startServer(t);
  const one = new RemoteDict({ url: server.url, prefix: 'app:' });
  const two = new RemoteDict({ url: server.url, prefix: 'app:' });
  t.after(() => Promise.all([one.close(), two.close()]));
  const admin = await clientOf(t, server.url);
  let finish;
  const first = one.getOrSet('k', () => new Promise((resolve) => (finish = resolve)));
  await until(() => finish);
  await admin.sendCommand(['DEL', 'app::lease{app:k}']);
  let finishSecond;
  const second = two.getOrSet('k', () => new Promise((resolve) => (finishSecond = resolve)));
  await until(() => finishSecond);
  finish('first');
  assert.equal(await first, 'first');
  assert.equal(await one.get('k'), undefined);
  finishSecond('second');
  await second;
  assert.equal(await one.get('k'), 'second');
});

test('watch tells what changes, and that it may have missed something', async (t) => {
  const server = await startServer(t);
  const dict = new RemoteDict({ url: server.url, prefix: 'app:' });
  const other = new RemoteDict({ url: server.url, prefix: 'other:' });
  t.after(() => Promise.all([dict.close(), other.close()]));
  const end = new AbortController();
  const changes = dict.watch({ prefix: 'a', signal: end.signal });
  await changes.ready;
  await other.set('a0', 1);
  await dict.set('b', 1);
  await dict.set('a1', 1);
  assert.deepEqual((await changes.next()).value, { type: 'set', key: 'a1' });
  await dict.delete('a1');
  assert.deepEqual((await changes.next()).value, { type: 'delete', key: 'a1' });
  const admin = await clientOf(t, server.url);
  await admin.sendCommand(['FLUSHALL']);
  assert.deepEqual((await changes.next()).value, { type: 'clear' });
  await admin.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes']);
  assert.deepEqual((await changes.next()).value, { type: 'overflow' });
  await pause(1);
  end.abort();
  assert.equal((await changes.next()).done, true);
});

test('no node that allowNodes has not is connected to', async (t) => {
  const { urls, servers } = await startCluster(t);
  const ports = servers.map(({ port }) => port);
  for (const allowNodes of [['127.0.0.0/8'], ['*.example.com', '127.0.0.1'], ports.map((port) => `127.0.0.1:${port}`)]) {
    const dict = new RemoteDict({ cluster: urls, allowNodes });
    await dict.set('k', 1);
    assert.equal(await dict.get('k'), 1);
    await dict.close();
  }
  for (const allowNodes of [[], ['10.0.0.0/8'], ports.slice(1).map((port) => `127.0.0.1:${port}`)]) {
    const dict = new RemoteDict({ cluster: urls, allowNodes, timeout: 2 });
    await assert.rejects(dict.getMany(['a', 'b', 'c', 'd', 'e', 'f']), { code: 'ERR_SHM_UNTRUSTED' });
    const changes = dict.watch();
    await assert.rejects(changes.next(), { code: 'ERR_SHM_UNTRUSTED' });
    await dict.close();
  }
  for (const wrong of ['a', [1], ['']]) assert.throws(() => new RemoteDict({ cluster: urls, allowNodes: wrong }), { code: 'ERR_INVALID_ARG_TYPE' });
  for (const wrong of ['10.0.0.0/33', 'host/8', '10.0.0.0/8/8']) assert.throws(() => new RemoteDict({ cluster: urls, allowNodes: [wrong] }), { code: 'ERR_INVALID_ARG_VALUE' });
});

test('watch hears of every node of a cluster', async (t) => {
  const { urls } = await startCluster(t);
  const dict = new RemoteDict({ cluster: urls, prefix: 'app:' });
  t.after(() => dict.close());
  const changes = dict.watch();
  await changes.ready;
  const keys = Array.from({ length: 30 }, (_, index) => `k${index}`);
  await dict.setMany(keys.map((key) => [key, 1]));
  const heard = [];
  while (heard.length < keys.length) heard.push((await changes.next()).value.key);
  assert.deepEqual(heard.toSorted(), keys.toSorted());
  await changes.return();
});

test('an application\'s own node-redis client is used, and left open', async (t) => {
  const server = await startServer(t);
  const client = await clientOf(t, server.url);
  const dict = new RemoteDict({ client });
  await dict.set('k', { a: 1 });
  assert.deepEqual(await dict.get('k'), { a: 1 });
  await dict.close();
  await dict.close();
  assert.equal(client.isOpen, true);
  await assert.rejects(dict.get('k'), { code: 'ERR_SHM_CLOSED' });
});
