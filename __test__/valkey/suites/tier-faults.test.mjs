// TieredDict when agents, workers, servers and the network fail: what is served meanwhile, and how soon all is well again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { SharedDict } from 'shmkit';
import { RemoteDict } from 'shmkit/valkey';
import { makeHost } from '../support/hosts.mjs';
import { startProxy } from '../support/proxy.mjs';
import { clientOf, startCluster, startServer } from '../support/servers.mjs';
import { until } from '../support/until.mjs';

/** Starts the agent's process, and opens a second one whose thread in reserve is ready. */
async function hostWithAgent(t, where, options) {
  const host = makeHost(t);
  const agent = await host.start(where, options);
  const dict = await host.open(where, options);
  await until(async () => (await dict.stats()).agent?.pid === agent.pid);
  await pause(2500);
  return { agent, dict };
}

/** Caches a key in the tier, in spite of reports of earlier writes that are still on their way. */
const cached = (dict, key, value) => until(async () => (await dict.get(key)) === value && dict.peek(key) === value);

for (const [what, signal] of [['is killed', 'SIGKILL'], ['stands still', 'SIGSTOP']]) {
  test(`another process takes over within a second when the agent ${what}`, async (t) => {
    const server = await startServer(t);
    const { agent, dict } = await hostWithAgent(t, { url: server.url });
    const admin = await clientOf(t, server.url);
    await dict.set('k', 1);
    await cached(dict, 'k', 1);
    agent.signal(signal);
    const begun = performance.now();
    await until(async () => (await dict.stats()).agent?.pid === process.pid && dict.peek('k') === undefined && !(await dict.stats()).suspect, 5000, 2);
    const taken = performance.now() - begun;
    t.diagnostic(`taken over after ${taken.toFixed(0)} ms`);
    assert.ok(taken < 1500, `${taken} ms`);
    await cached(dict, 'k', 1);
    await admin.sendCommand(['DEL', 'app:k']);
    await until(() => dict.peek('k') === undefined, 1000, 0);
    // The old agent goes on, and does not disturb the new one.
    if (signal === 'SIGSTOP') agent.signal('SIGCONT');
    await pause(500);
    const { agent: now, suspect } = await dict.stats();
    assert.equal(now.pid, process.pid);
    assert.equal(suspect, false);
    if (signal === 'SIGSTOP') assert.equal(await agent.call('get', 'k'), undefined);
  });
}

test('a process that is killed in the middle of a fetch holds nothing up', async (t) => {
  const server = await startServer(t);
  const proxy = await startProxy(t, server.port);
  const host = makeHost(t);
  const dict = await host.open({ url: proxy.url });
  const other = await host.start({ url: proxy.url });
  await dict.remote.set('k', 1);
  await until(async () => !(await dict.stats()).suspect);
  proxy.hold();
  const tier = SharedDict.open('tier', { dir: host.dir });
  t.after(() => tier.close());
  const lost = other.call('get', 'k');
  lost.catch(() => {});
  await until(() => tier.size > 0);
  await other.kill();
  proxy.release();
  assert.equal(await dict.get('k'), 1);
});

test('a killed connection, and a killed server, make all suspect until tracking stands again', async (t) => {
  const server = await startServer(t);
  const dict = await makeHost(t).open({ url: server.url });
  const admin = await clientOf(t, server.url);
  await dict.set('k', 1);
  await cached(dict, 'k', 1);
  await admin.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes']);
  await admin.sendCommand(['DEL', 'app:k']);
  await until(() => dict.get('k').then((value) => value === undefined, () => false), 1500, 1);
  await until(async () => !(await dict.stats()).suspect);
  await dict.set('k', 2);
  await cached(dict, 'k', 2);
  await server.kill();
  await until(async () => (await dict.stats()).suspect, 3000);
  assert.equal(dict.peek('k'), undefined);
  await assert.rejects(dict.get('k'), { code: 'ERR_SHM_REMOTE' });
  assert.equal((await dict.stats()).l2, null);
  assert.equal((await dict.stats()).agent.failure, 'ECONNREFUSED');
  await server.start();
  await until(() => dict.get('k').then((value) => value === undefined, () => false));
  await until(async () => !(await dict.stats()).suspect);
  assert.equal((await dict.stats()).agent.failure, undefined);
});

test('maxStale and failOpen serve what is there while the server is away', async (t) => {
  const server = await startServer(t);
  const host = makeHost(t);
  const [plain, stale, open] = [await host.open({ url: server.url }), await host.open({ url: server.url }, { maxStale: 60 }), await host.open({ url: server.url, timeout: 0.5 }, { failOpen: true })];
  await plain.set('k', 'v');
  await cached(plain, 'k', 'v');
  await server.kill();
  await until(async () => (await plain.stats()).suspect, 3000);
  await assert.rejects(plain.get('k'), { code: 'ERR_SHM_REMOTE' });
  assert.equal(stale.peek('k'), 'v');
  assert.equal(await stale.get('k'), 'v');
  assert.equal(open.peek('k'), undefined);
  assert.equal(await open.get('k'), 'v');
  assert.equal(await open.get('none'), undefined);
  await assert.rejects(open.set('k', 2), { code: 'ERR_SHM_REMOTE' });
});

test('a network that goes silent is noticed within the bound', async (t) => {
  const server = await startServer(t);
  const proxy = await startProxy(t, server.port);
  const dict = await makeHost(t).open({ url: proxy.url, timeout: 0.3 });
  const writer = await clientOf(t, server.url);
  await dict.set('k', 'old');
  await cached(dict, 'k', 'old');
  proxy.silence(true);
  await writer.sendCommand(['DEL', 'app:k']);
  const written = performance.now();
  let served = written;
  while (performance.now() - written < 2500) {
    const begun = performance.now();
    if (dict.peek('k') === 'old') served = begun;
    await pause(1);
  }
  t.diagnostic(`served for ${(served - written).toFixed(0)} ms`);
  assert.ok(served - written <= 1000, `${served - written} ms`);
  await assert.rejects(dict.get('k'), { code: 'ERR_SHM_REMOTE' });
  proxy.cut();
  proxy.silence(false);
  await until(() => dict.get('k').then((value) => value === undefined, () => false));
  await until(async () => !(await dict.stats()).suspect);
});

test('slow scripts on the server delay reads, and break no bound', async (t) => {
  const server = await startServer(t);
  const dict = await makeHost(t).open({ url: server.url });
  const admin = await clientOf(t, server.url);
  await dict.set('k', 1);
  await cached(dict, 'k', 1);
  const slow = admin.sendCommand(['EVAL', "redis.call('DEL', KEYS[1]); local t = redis.call('TIME'); local n = 0; while n < 150000000 do n = n + 1 end; return n", '1', 'app:k']);
  await slow;
  const begun = performance.now();
  await until(() => dict.peek('k') === undefined, 1000, 0);
  assert.ok(performance.now() - begun < 1000);
  assert.equal(await dict.get('k'), undefined);
  await until(async () => !(await dict.stats()).suspect);
});

/** How a master goes, how it comes back, and what it has then. The others say that it failed for 8 seconds at least. */
const ABSENCES = {
  'is dead': { leave: (server) => server.kill(), back: (server) => server.start(), keeps: false },
  'stands still': { leave: (server) => server.signal('SIGSTOP'), back: (server) => server.signal('SIGCONT'), keeps: true },
};

for (const [what, { leave, back, keeps }] of Object.entries(ABSENCES)) test(`while a master ${what} the host serves what the others have, and nothing of that one`, async (t) => {
  const { urls, servers, clients } = await startCluster(t, { args: ['--cluster-require-full-coverage', 'no', '--cluster-node-timeout', '4000'] });
  const dict = await makeHost(t).open({ cluster: urls, timeout: 1 });
  const keys = Array.from({ length: 30 }, (_, index) => `k${index}`);
  await dict.setMany(keys.map((key) => [key, 1]));
  await until(async () => (await dict.getMany(keys)).size === 30 && keys.every((key) => dict.peek(key) === 1));
  const held = await Promise.all(keys.map(async (key) => (await clients[1].sendCommand(['EXISTS', `app:${key}`]).catch(() => 0)) === 1));
  const lost = keys.filter((_, index) => held[index]);
  const kept = keys.filter((_, index) => !held[index]);
  assert.ok(lost.length > 0 && kept.length > 0);
  await leave(servers[1]);
  await until(() => keys.every((key) => dict.peek(key) === undefined), 5000, 1);
  await until(async () => !(await dict.stats()).suspect, 20_000);
  await until(() => dict.getMany(kept).then((found) => found.size === kept.length && kept.every((key) => dict.peek(key) === 1), () => false));
  for (const result of await Promise.allSettled(lost.map((key) => dict.get(key)))) assert.equal(result.reason?.code, 'ERR_SHM_REMOTE');
  await until(async () => (await clients[0].sendCommand(['CLUSTER', 'NODES'])).includes('master,fail '), 20_000);
  assert.equal((await dict.stats()).suspect, false);

  // It is written to before the others notice that it is back: its keys are not served until it is tracked.
  await back(servers[1]);
  const admin = await clientOf(t, servers[1].url);
  await until(() => admin.sendCommand(['EXISTS', `app:${lost[0]}`]).then(() => true, () => false), 20_000, 1);
  const other = new RemoteDict({ cluster: urls, prefix: 'app:', timeout: 1 });
  t.after(() => other.close());
  const writes = [];
  let value = 1;
  for (let since = Infinity; performance.now() - since < 1500; ) {
    value += 1;
    const isWritten = await other.set(lost[0], value).then(() => true, () => false);
    if (isWritten) writes.push({ value, at: performance.now() });
    for (let round = 0; round < 5; round += 1) {
      await dict.get(lost[0]).catch(() => {});
      const begun = performance.now();
      const seen = dict.peek(lost[0]);
      const due = writes.findLast(({ at }) => at < begun - 1001)?.value ?? 0;
      if (seen === undefined) continue;
      assert.ok(seen >= due, `${seen} is served, and ${due} was written a second ago`);
      since = Math.min(since, begun);
    }
  }
  await until(() => dict.getMany(keys).then((found) => found.size === (keeps ? 30 : kept.length + 1), () => false), 20_000);
  await dict.set(lost[0], 'last');
  await until(() => dict.peek(lost[0]) === undefined || dict.peek(lost[0]) === 'last', 1000, 1);
  assert.equal(await dict.get(lost[0]), 'last');
});

test('the replica that a cluster promotes is tracked, and its keys are read again', async (t) => {
  const { urls, servers, clients } = await startCluster(t, { replicas: 1 });
  const [one, two] = [await makeHost(t).open({ cluster: urls, timeout: 1 }), await makeHost(t).open({ cluster: urls, timeout: 1 })];
  const keys = Array.from({ length: 30 }, (_, index) => `k${index}`);
  await one.setMany(keys.map((key) => [key, 1]));
  await until(async () => (await two.getMany(keys)).size === 30 && keys.every((key) => two.peek(key) === 1));
  const replica = clients[3];
  await until(async () => (await replica.sendCommand(['DBSIZE'])) === (await clients[0].sendCommand(['DBSIZE'])));
  await servers[0].kill();
  await until(async () => String((await replica.sendCommand(['ROLE']))[0]) === 'master', 30_000, 20);
  await until(() => two.getMany(keys).then((found) => found.size === 30, () => false), 30_000, 50);
  await until(() => one.setMany(keys.map((key) => [key, 2])).then(() => true, () => false), 30_000, 50);
  await until(() => keys.every((key) => two.peek(key) !== 1), 1500, 1);
  await until(async () => !(await two.stats()).suspect, 30_000, 20);
  assert.deepEqual([...(await two.getMany(keys)).values()], keys.map(() => 2));
});

for (const [what, change] of [['FLUSHALL', ['FLUSHALL']], ['a change', ['DEL', 'app:k']]]) {
  test(`${what} on the server voids what is being fetched`, async (t) => {
    const server = await startServer(t);
    const admin = await clientOf(t, server.url);
    let gate = Promise.resolve();
    // Commands of the dictionary, whose replies come late; the agent has a connection of its own.
    const client = {
      async callBuffer(...args) {
        const reply = await admin.sendCommand(args, { typeMapping: { 36: Buffer } });
        await gate;
        return reply;
      },
    };
    const host = makeHost(t);
    const dict = await host.open({ url: server.url, client });
    const control = SharedDict.open('tier.tier', { dir: host.dir });
    t.after(() => control.close());
    const told = () => control.get('invalidations') ?? 0;
    await dict.remote.set('k', 'old');
    await until(() => told() > 0);
    let open;
    gate = new Promise((resolve) => (open = resolve));
    const late = dict.get('k');
    await pause(20);
    const before = told();
    await admin.sendCommand(change);
    await until(() => told() > before);
    open();
    assert.equal(await late, 'old');
    assert.equal(dict.peek('k'), undefined);
    assert.equal(await dict.get('k'), undefined);
  });
}

test('a slot that moves to another master keeps the bound', async (t) => {
  const { urls, clients } = await startCluster(t);
  const [one, two] = [await makeHost(t).open({ cluster: urls }), await makeHost(t).open({ cluster: urls })];
  await one.set('k', 'old');
  await cached(two, 'k', 'old');
  const slot = String(await clients[0].sendCommand(['CLUSTER', 'KEYSLOT', 'app:k']));
  const owners = await Promise.all(clients.map(async (client) => (await client.sendCommand(['CLUSTER', 'COUNTKEYSINSLOT', slot])) > 0));
  const from = owners.indexOf(true);
  const to = (from + 1) % 3;
  const ids = await Promise.all(clients.map((client) => client.sendCommand(['CLUSTER', 'MYID'])));
  await clients[to].sendCommand(['CLUSTER', 'SETSLOT', slot, 'IMPORTING', ids[from]]);
  await clients[from].sendCommand(['CLUSTER', 'SETSLOT', slot, 'MIGRATING', ids[to]]);
  await clients[from].sendCommand(['MIGRATE', '127.0.0.1', new URL(urls[to]).port, '', '0', '5000', 'KEYS', 'app:k']);
  for (const client of [clients[to], clients[from], ...clients]) await client.sendCommand(['CLUSTER', 'SETSLOT', slot, 'NODE', ids[to]]);
  assert.equal(await two.get('k'), 'old');
  await one.set('k', 'new');
  await until(() => two.peek('k') !== 'old', 1000, 1);
  assert.equal(await two.get('k'), 'new');
});
