// Bentocache with shared memory as the first level of each host, and its own driver for a server as the second.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { SharedDict } from 'shmkit';
import { shmDriver } from 'shmkit/bentocache';
import { startServer } from '../support/servers.mjs';
import { until } from '../support/until.mjs';

const CLIENTS = createRequire(new URL('../clients/package.json', import.meta.url));
const load = (name) => import(pathToFileURL(CLIENTS.resolve(name)));

async function openHost(t, port) {
  const { BentoCache, bentostore } = await load('bentocache');
  const { redisBusDriver, redisDriver } = await load('bentocache/drivers/redis');
  const dir = fs.mkdtempSync('/dev/shm/shmkit-test-valkey-');
  const dict = SharedDict.openOrCreate('cache', { dir, size: '1mb', onFull: 'evict' });
  const connection = { host: '127.0.0.1', port };
  const store = bentostore().useL1Layer(shmDriver({ dict, prefix: 'bento' })).useL2Layer(redisDriver({ connection })).useBus(redisBusDriver({ connection }));
  const cache = new BentoCache({ default: 'store', stores: { store } });
  t.after(async () => {
    await cache.disconnectAll();
    dict.close();
    fs.rmSync(dir, { recursive: true, force: true });
  });
  return { cache, dict };
}

test('bentocache: what one host writes to the server is cached in the shared memory of another, until it changes', async (t) => {
  const server = await startServer(t);
  const [one, two] = [await openHost(t, server.port), await openHost(t, server.port)];
  await one.cache.set({ key: 'k', value: { a: 1 }, ttl: '1m' });
  assert.deepEqual(await two.cache.get({ key: 'k' }), { a: 1 });
  assert.equal(two.dict.has('bento:k'), true);
  // A host that has just begun may not hear the first report, so the change is told again.
  let a = 1;
  await until(async () => {
    a += 1;
    await one.cache.set({ key: 'k', value: { a }, ttl: '1m' });
    return (await two.cache.get({ key: 'k' }))?.a === a;
  });
  await one.cache.delete({ key: 'k' });
  await until(async () => (await two.cache.get({ key: 'k' })) === undefined);
  let loads = 0;
  const factory = async () => (loads += 1);
  assert.equal(await one.cache.getOrSet({ key: 'n', ttl: '1m', factory }), 1);
  assert.equal(await two.cache.getOrSet({ key: 'n', ttl: '1m', factory }), 1);
  assert.equal(loads, 1);
});
