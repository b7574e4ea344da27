// Histories of two hosts under faults: no read is staler than stated, and no acknowledged write is lost.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { makeHost } from '../support/hosts.mjs';
import { startProxy } from '../support/proxy.mjs';
import { clientOf, startServer } from '../support/servers.mjs';
import { violations } from '../support/staleness.mjs';

const SECONDS = Number(process.env.SHMKIT_VALKEY_SECONDS ?? 12);
const SEED = Number(process.env.SHMKIT_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** Rare writes leave an old value where it is for long enough to be found: `npm run mutants:valkey`. */
const KEYS = Array.from({ length: Number(process.env.SHMKIT_VALKEY_KEYS ?? 8) }, (_, index) => `k${index}`);
const WRITES = Number(process.env.SHMKIT_VALKEY_WRITES ?? 0.1);
const BETWEEN = Number(process.env.SHMKIT_VALKEY_BETWEEN ?? 500);
const SILENCE = Number(process.env.SHMKIT_VALKEY_SILENCE ?? 1300);
/** `trust` is 1 second; the rest is the resolution of the beat. */
const BOUND = 1001;
const PROCESSES = 2;

test('the checker finds reads that are too old', () => {
  const history = [['a', true, 'k', 1, 0, 1], ['a', true, 'k', 2, 10, 11], ['b', false, 'k', 1, 500, 501]];
  assert.deepEqual(violations(history, BOUND), []);
  assert.equal(violations([...history, ['a', false, 'k', 1, 12, 13]], BOUND).length, 1);
  assert.equal(violations([...history, ['b', false, 'k', 1, 1100, 1101]], BOUND).length, 1);
});

for (const kind of ['kills', 'stops', 'lost connections', 'silence', 'restarts of the server']) {
  test(`no read is staler than a second, and no write is lost, under ${kind}`, async (t) => {
    t.diagnostic(`SHMKIT_TEST_SEED=${SEED}`);
    // What it has acknowledged, a server that is killed has after its return.
    const server = await startServer(t, { args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
    const admin = await clientOf(t, server.url);
    const proxies = await Promise.all([startProxy(t, server.port), startProxy(t, server.port)]);
    const hosts = proxies.map(({ url }) => ({ host: makeHost(t), where: { url, timeout: 2 }, running: [] }));
    const logs = [];
    const start = async (index, ms) => {
      const started = await hosts[index].host.start(hosts[index].where);
      hosts[index].running.push(started);
      logs.push([index, started.log]);
      return { done: started.call('history', KEYS, ms, WRITES, (SEED + logs.length) % 2 ** 31).catch(() => {}), started };
    };
    const runs = [];
    for (const index of [0, 1]) for (let count = 0; count < PROCESSES; count += 1) runs.push((await start(index, SECONDS * 1000)).done);
    const end = performance.now() + SECONDS * 1000;
    for (let round = 0; performance.now() < end - 2000; round += 1) {
      await pause(BETWEEN);
      const { running } = hosts[round % 2];
      if (kind === 'kills') {
        await running.shift().kill();
        runs.push((await start(round % 2, end - performance.now())).done);
      } else if (kind === 'stops') {
        running[0].signal('SIGSTOP');
        await pause(1300);
        running[0].signal('SIGCONT');
        running.push(running.shift());
      } else if (kind === 'silence') {
        proxies[round % 2].silence(true);
        await pause(SILENCE);
        proxies[round % 2].cut();
        proxies[round % 2].silence(false);
      } else if (kind === 'restarts of the server') {
        await server.kill();
        await pause(200);
        await server.start();
      } else {
        await admin.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes']);
      }
    }
    await Promise.all(runs);
    const operations = logs.flatMap(([host, log]) => log.map((operation) => [host, ...operation]));
    const writes = operations.filter(([, isWrite]) => isWrite);
    t.diagnostic(`${operations.length} operations, ${writes.length} writes`);
    assert.ok(operations.length > 1000 && writes.length > 50);
    assert.deepEqual(violations(operations, BOUND).slice(0, 5), []);
    const written = new Map(KEYS.map((key) => [key, writes.filter(([, , which]) => which === key).map(([, , , value]) => value)]));
    for (const [key, values] of written) {
      if (values.length === 0) continue;
      assert.equal(new Set(values).size, values.length, `${key}: two increments had one result`);
      assert.ok((await hosts[0].running.at(-1).call('get', key).catch(() => Infinity)) >= Math.max(...values), key);
    }
  });
}
