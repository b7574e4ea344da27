// Servers that Sentinels watch: a master is killed, and its replica takes its place.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { RemoteDict, TieredDict } from 'shmkit/valkey';
import { makeHost } from '../support/hosts.mjs';
import { clientOf, startSentinels } from '../support/servers.mjs';
import { until } from '../support/until.mjs';

const { createSentinel } = createRequire(import.meta.url)('redis');

test('a dictionary goes on with the replica that Sentinels promote when the master is killed', async (t) => {
  const { master, replica, sentinels, where } = await startSentinels(t);
  const dict = new RemoteDict({ ...where, prefix: 'app:', timeout: 2 });
  t.after(() => dict.close());
  await dict.set('k', { a: 1 });
  assert.deepEqual(await dict.get('k'), { a: 1 });
  assert.equal(await dict.incr('n', 1, { init: 0 }), 1);
  assert.equal((await dict.stats()).masters, 1);
  const changes = dict.watch();
  await changes.ready;
  const promoted = await clientOf(t, replica.url);
  await until(async () => (await promoted.sendCommand(['EXISTS', 'app:n'])) === 1);
  await sentinels[0].kill();
  await master.kill();
  await until(() => dict.incr('n', 1).then((value) => value === 2, () => false), 30_000, 50);
  assert.equal((await promoted.sendCommand(['ROLE']))[0], 'master');
  assert.deepEqual(await dict.get('k'), { a: 1 });
  const heard = [];
  while (heard.at(-1)?.type !== 'overflow') heard.push((await changes.next()).value);
  await dict.set('later', 1);
  while (heard.at(-1)?.key !== 'later') heard.push((await changes.next()).value);
  await changes.return();
});

test('a host trusts nothing that a killed master had, and tracks the promoted one', async (t) => {
  const { master, where } = await startSentinels(t);
  const [one, two] = await Promise.all([makeHost(t).open({ ...where, timeout: 2 }), makeHost(t).open({ ...where, timeout: 2 })]);
  await one.set('k', 1);
  await until(async () => (await two.get('k')) === 1 && two.peek('k') === 1);
  const killed = performance.now();
  await master.kill();
  await until(() => two.peek('k') === undefined, 2000, 1);
  t.diagnostic(`served for ${(performance.now() - killed).toFixed(0)} ms`);
  await until(() => one.set('k', 2).then(() => true, () => false), 30_000, 50);
  await until(() => two.get('k').then((value) => value === 2, () => false), 30_000, 50);
  await until(async () => !(await two.stats()).suspect && (await two.get('k')) === 2 && two.peek('k') === 2, 30_000, 50);
  await one.set('k', 3);
  await until(() => two.peek('k') !== 2, 1000, 1);
  assert.equal(await two.get('k'), 3);
});

test('a master that comes back as a replica is tracked no more', async (t) => {
  const { master, replica, sentinels, where } = await startSentinels(t);
  const dict = await makeHost(t).open({ ...where, timeout: 2 });
  await dict.set('k', 1);
  await until(async () => (await dict.get('k')) === 1 && dict.peek('k') === 1);
  // Stopped instead of killed: its connections stay, and it does not know that it was replaced.
  master.signal('SIGSTOP');
  await until(async () => String((await sentinels[0].client.sendCommand(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'main']))[1]) === String(replica.port), 30_000, 50);
  const promoted = await clientOf(t, replica.url);
  await promoted.sendCommand(['DEL', 'app:k']);
  master.signal('SIGCONT');
  assert.equal(dict.peek('k'), undefined);
  await until(() => dict.get('k').then((value) => value === undefined, () => false), 30_000, 50);
  await until(async () => !(await dict.stats()).suspect, 30_000, 50);
  assert.equal((await dict.stats()).agent.failure, undefined);
});

test('an application’s own client of Sentinels is used, and left open', async (t) => {
  const { where } = await startSentinels(t, { sentinels: 1 });
  const client = createSentinel({ name: 'main', sentinelRootNodes: where.sentinel.urls.map((url) => ({ host: '127.0.0.1', port: Number(new URL(url).port) })) });
  await client.connect();
  t.after(() => client.destroy());
  const dict = new RemoteDict({ client, prefix: 'app:' });
  await dict.set('k', 1);
  assert.equal(await dict.get('k'), 1);
  await assert.rejects(TieredDict.open('tier', { remote: dict, dir: makeHost(t).dir }), { code: 'ERR_INVALID_ARG_VALUE' });
  await dict.close();
  assert.equal(client.isOpen, true);
  const both = new RemoteDict({ client, ...where, prefix: 'app:' });
  const tier = await TieredDict.open('tier', { remote: both, dir: makeHost(t).dir });
  assert.equal(await tier.get('k'), 1);
  await until(async () => !(await tier.stats()).suspect);
  await tier.close();
});

test('Sentinels that are not there, or know no such master, are told', async (t) => {
  const gone = new RemoteDict({ sentinel: { name: 'main', urls: ['redis://127.0.0.1:1'] }, timeout: 1 });
  t.after(() => gone.close());
  await assert.rejects(gone.get('k'), (error) => error.code === 'ERR_SHM_REMOTE' && error.cause instanceof Error);
  const { where, sentinels } = await startSentinels(t, { sentinels: 1 });
  const other = new RemoteDict({ sentinel: { name: 'other', urls: [sentinels[0].url] }, timeout: 1 });
  t.after(() => other.close());
  await assert.rejects(other.get('k'), { code: 'ERR_SHM_REMOTE' });
  const refused = new RemoteDict({ ...where, allowNodes: ['10.0.0.0/8'], timeout: 1 });
  t.after(() => refused.close());
  await assert.rejects(refused.get('k'), { code: 'ERR_SHM_UNTRUSTED' });
  for (const wrong of [1, {}, { name: 'x' }, { name: 'x', urls: [] }, { name: '', urls: ['redis://a'] }]) assert.throws(() => new RemoteDict({ sentinel: wrong }), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => new RemoteDict({ sentinel: { name: 'x', urls: ['redis://a', 'rediss://b'] } }), { code: 'ERR_INVALID_ARG_VALUE' });
});
