// TieredDict when one server takes the place of another: the replaced one may go on answering, and know nothing of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { RemoteDict } from 'shmkit/valkey';
import { makeHost } from '../support/hosts.mjs';
import { clientOf, startCluster, startSentinels } from '../support/servers.mjs';
import { until } from '../support/until.mjs';

const BUFFERS = { typeMapping: { 36: Buffer } };
/** Packets between the nodes of a cluster are lost on their way to this one. */
const ISOLATE = ['DEBUG', 'DROP-CLUSTER-PACKET-FILTER', '-2'];

/** A client whose commands go to one server, whatever takes its place. */
const fixedTo = (client) => ({ callBuffer: (...args) => client.sendCommand(args, BUFFERS) });

const isMaster = async (client) => String((await client.sendCommand(['ROLE']))[0]) === 'master';

/** Starts a cluster whose first master has a replica, and returns keys that this master has. */
async function startReplaced(t, args) {
  const cluster = await startCluster(t, { replicas: 1, args: ['--cluster-require-full-coverage', 'no', ...args] });
  const writer = new RemoteDict({ cluster: cluster.urls, prefix: 'app:' });
  t.after(() => writer.close());
  const keys = Array.from({ length: 20 }, (_, index) => `k${index}`);
  await writer.setMany(keys.map((key) => [key, 'old']));
  const held = await Promise.all(keys.map((key) => cluster.clients[0].sendCommand(['EXISTS', `app:${key}`]).catch(() => 0)));
  const replica = cluster.clients[3];
  await until(async () => (await replica.sendCommand(['DBSIZE'])) === (await cluster.clients[0].sendCommand(['DBSIZE'])));
  return { ...cluster, replica, keys: keys.filter((_, index) => held[index] === 1) };
}

test('on the smaller side of a divided cluster nothing is served once the others may promote a replica', async (t) => {
  const { urls, clients, replica, keys } = await startReplaced(t, ['--cluster-node-timeout', '6000']);
  const dict = await makeHost(t).open({ cluster: [urls[0]], client: fixedTo(clients[0]), timeout: 1 });
  const read = () => Promise.all(keys.map((key) => dict.get(key).catch(() => {})));
  await until(async () => (await read()) && keys.every((key) => dict.peek(key) === 'old'));
  // The network is divided: this host and the first master on one side, the others on the other, where they do not hear this host.
  await clients[0].sendCommand(ISOLATE);
  for (const client of clients.slice(1, 3)) await client.sendCommand(['CLIENT', 'PAUSE', '60000', 'ALL']);
  await until(async () => (await read()) && (await isMaster(replica)), 60_000, 50);
  await until(() => replica.sendCommand(['SET', `app:${keys[0]}`, 'new']).then(() => true, () => false), 10_000);
  await pause(1001);
  assert.deepEqual(keys.map((key) => dict.peek(key)), keys.map(() => undefined));
  assert.equal((await dict.stats()).suspect, true);
});

test('what a replaced master of a cluster still answers is not kept', async (t) => {
  const { urls, clients, replica, keys } = await startReplaced(t, ['--cluster-node-timeout', '1000', '--cluster-allow-reads-when-down', 'yes']);
  const dict = await makeHost(t).open({ cluster: urls, client: fixedTo(clients[0]), timeout: 1 });
  await until(async () => (await dict.get(keys[0])) === 'old' && dict.peek(keys[0]) === 'old');
  await clients[0].sendCommand(ISOLATE);
  await until(() => isMaster(replica), 30_000, 20);
  await until(() => replica.sendCommand(['DEL', `app:${keys[0]}`]).then(() => true, () => false), 10_000);
  await until(async () => dict.peek(keys[0]) === undefined && !(await dict.stats()).suspect, 30_000, 20);
  for (let round = 0; round < 20; round += 1) {
    assert.equal(await dict.get(keys[0]), 'old');
    assert.equal(dict.peek(keys[0]), undefined);
    await pause(20);
  }
});

test('what a master that Sentinels have replaced still answers is not kept', async (t) => {
  const { master, replica, where } = await startSentinels(t);
  const [old, promoted] = [await clientOf(t, master.url), await clientOf(t, replica.url)];
  const host = makeHost(t);
  const dict = await host.open({ ...where, client: fixedTo(old), timeout: 10 }, { negativeTtl: 60 });
  // Of the same host, and asks the servers that Sentinels name.
  const other = await host.open({ ...where, timeout: 1 }, { negativeTtl: 60 });
  await dict.set('k', 'old');
  await until(async () => (await dict.get('k')) === 'old' && dict.peek('k') === 'old');
  await until(async () => (await promoted.sendCommand(['EXISTS', 'app:k'])) === 1);
  master.signal('SIGSTOP');
  await until(async () => (await isMaster(promoted)) && !(await other.stats()).suspect, 30_000, 50);
  // Sentinels that hear of it only now close the connections to the new master once more.
  await pause(2000);
  await promoted.sendCommand(['DEL', 'app:k']);
  await promoted.sendCommand(['SET', 'app:none', 'x']);
  await until(async () => !(await other.stats()).suspect);
  const late = [dict.get('k'), dict.get('none')];
  await pause(100);
  master.signal('SIGCONT');
  assert.deepEqual(await Promise.all(late), ['old', undefined]);
  assert.equal(dict.peek('k'), undefined);
  const { fetches } = await dict.stats();
  await dict.get('none').catch(() => {});
  assert.equal((await dict.stats()).fetches, fetches + 1);
});
