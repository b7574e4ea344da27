// The user that the guide tells to make: it can do all that shmkit does, under its prefix alone.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { RemoteDict } from 'shmkit/valkey';
import { makeHost } from '../support/hosts.mjs';
import { clientOf, startCluster, startServer } from '../support/servers.mjs';
import { until } from '../support/until.mjs';

const GUIDE = new URL('../../../docs/guide/valkey.md', import.meta.url);
const [COMMAND] = /^ACL SETUSER .*$/m.exec(fs.readFileSync(GUIDE, 'utf8'));
const LOGIN = 'app:secret@';

/** Makes the user of the guide, as it says for this server. */
async function makeUser(client) {
  const [major, minor] = /^(?:redis|valkey)_version:(\d+)\.(\d+)/m.exec(await client.sendCommand(['INFO', 'server'])).slice(1).map(Number);
  const isOld = major < 7 || (major === 7 && minor < 2);
  await client.sendCommand(COMMAND.split(' ').filter((rule) => !(isOld && rule === '+client|setinfo')));
}

async function callsOf(dict) {
  await dict.set('k', { a: 1 }, 60);
  assert.deepEqual(await dict.get('k'), { a: 1 });
  assert.deepEqual(await dict.swap('k', 2, { keepTtl: true }), { a: 1 });
  assert.equal(await dict.update('k', (value) => value + 1), 3);
  assert.equal(await dict.incr('n', 1n, { init: 0n, ttl: 60 }), 1n);
  assert.equal((await dict.throttle('t', { limit: 1, window: 60 })).allowed, true);
  assert.equal(await dict.getOrSet('load', () => 1, { ttl: 60, staleFor: 60 }), 1);
  assert.deepEqual(await dict.getStale('load'), { value: 1, stale: false });
  assert.equal(await dict.expire('load', 60), true);
  assert.equal(await dict.persist('load'), true);
  assert.ok((await dict.sizeOf('load')) > 0);
  assert.equal(await dict.rpush('list', 'a', 'b', 'c'), 3);
  assert.equal(await dict.lpush('list', 'z'), 4);
  assert.deepEqual(await dict.lrange('list'), ['z', 'a', 'b', 'c']);
  assert.deepEqual([await dict.lpop('list'), await dict.rpop('list'), await dict.llen('list')], ['z', 'c', 2]);
  assert.equal(await dict.take('n'), 1n);
  assert.deepEqual((await dict.getKeys()).toSorted(), ['k', 'list', 'load', 't']);
  assert.ok((await dict.stats()).usedMemory > 0);
  await dict.clear();
}

test('the user of the guide can make every call, and sees no other prefix', async (t) => {
  const server = await startServer(t);
  const admin = await clientOf(t, server.url);
  await makeUser(admin);
  const url = `redis://${LOGIN}127.0.0.1:${server.port}`;
  const [dict, foreign] = ['app:', 'other:'].map((prefix) => new RemoteDict({ url, prefix }));
  t.after(() => Promise.all([dict.close(), foreign.close()]));
  await callsOf(dict);
  const changes = dict.watch();
  await changes.ready;
  await dict.set('k', 1);
  assert.deepEqual((await changes.next()).value, { type: 'set', key: 'k' });
  await changes.return();
  await assert.rejects(foreign.get('k'), { code: 'ERR_SHM_REMOTE' });
  await assert.rejects(foreign.set('k', 1), { code: 'ERR_SHM_REMOTE' });
});

test('the user of the guide can use a cluster, whose addresses have its name', async (t) => {
  const { clients, urls } = await startCluster(t);
  for (const client of clients) await makeUser(client);
  const dict = new RemoteDict({ cluster: urls.map((url) => url.replace('//', `//${LOGIN}`)), prefix: 'app:' });
  t.after(() => dict.close());
  await callsOf(dict);
  const changes = dict.watch();
  await changes.ready;
  await dict.set('k', 1);
  assert.deepEqual((await changes.next()).value, { type: 'set', key: 'k' });
  await changes.return();
});

test('the user of the guide can have a tier', async (t) => {
  const server = await startServer(t);
  const admin = await clientOf(t, server.url);
  await makeUser(admin);
  const host = makeHost(t);
  const dict = await host.open({ url: `redis://${LOGIN}127.0.0.1:${server.port}` });
  await dict.set('k', 1);
  await until(async () => (await dict.get('k')) === 1 && dict.peek('k') === 1);
  assert.equal((await dict.stats()).agent?.failure, undefined);
});
