// Measures shmkit/valkey on a real server against its goals: `npm run bench:valkey`.
// Compares the tier in shared memory with plain calls of node-redis, with its client-side cache, and with a cache of each process.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { SharedDict } from 'shmkit';
import { RemoteDict, TieredDict } from 'shmkit/valkey';
import { ensureValkey } from '../../scripts/setup/valkey.mjs';

const HERE = path.dirname(new URL(import.meta.url).pathname);
const KEYS = 1000;
const CALLS = 5000;
const WRITES = 200;
const KINDS = ['plain', 'client cache', 'own cache', 'tier'];

const { server, reason } = ensureValkey();
if (server === null) {
  console.log(`NOT RUN: ${reason}`);
  process.exit(0);
}
process.env.SHMKIT_VALKEY_SERVER = server;
const { startServer } = await import('../../__test__/valkey/support/servers.mjs');
const { createClient } = createRequire(import.meta.url)('redis');

const ends = [];
const host = { after: (end) => ends.unshift(end) };

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

function report(what, measured, limit, unit) {
  console.log(`${measured <= limit ? 'ok  ' : 'OVER'} ${what}: ${measured.toFixed(2)} ${unit} (limit ${limit.toFixed(2)})`);
}

async function openTier(url) {
  const dir = fs.mkdtempSync('/dev/shm/shmkit-bench-valkey-');
  const remote = new RemoteDict({ url, prefix: 'bench:' });
  const dict = await TieredDict.open('bench', { remote, dir, maxSize: '16mb' });
  while ((await dict.stats()).suspect) await new Promise((resolve) => setTimeout(resolve, 5));
  ends.unshift(async () => {
    await dict.close();
    await remote.close();
    fs.rmSync(dir, { recursive: true });
  });
  return { dict, remote, dir };
}

/** Microseconds a call, the least of several rounds. */
async function timeOf(call, calls = CALLS) {
  let least = Infinity;
  for (let round = 0; round < 7; round += 1) {
    const begun = performance.now();
    for (let index = 0; index < calls; index += 1) await call();
    least = Math.min(least, ((performance.now() - begun) * 1000) / calls);
  }
  return least;
}

async function measureHits(url) {
  const { dict } = await openTier(url);
  const client = createClient({ url });
  await client.connect();
  await client.set('plain', 'value');
  await dict.set('k', 'value');
  while (dict.peek('k') === undefined) await dict.get('k');
  const shared = SharedDict.create(`bench-valkey-${process.pid}`, { size: '1mb' });
  shared.set('k', 'value');
  const own = await timeOf(async () => shared.get('k'));
  const hit = await timeOf(() => dict.get('k'));
  const plain = await timeOf(() => client.get('plain'), 500);
  console.log(`     get of node-redis: ${plain.toFixed(1)} us; of SharedDict, awaited: ${own.toFixed(2)} us`);
  report('hit of TieredDict.get, awaited', hit, own * 1.5 + 0.3, 'us');
  shared.close();
  client.destroy();
}

async function measureInvalidation(url) {
  const [one, two] = [new RemoteDict({ url, prefix: 'bench:' }), await openTier(url)];
  const times = [];
  for (let round = 0; round < WRITES; round += 1) {
    await one.set('k', round);
    while (two.dict.peek('k') !== round) await two.dict.get('k');
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (two.dict.peek('k') === undefined) continue;
    const begun = performance.now();
    const written = one.set('k', round + 0.5);
    while (two.dict.peek('k') === round) await new Promise((resolve) => setImmediate(resolve));
    times.push(performance.now() - begun);
    await written;
  }
  await one.close();
  console.log(`     the same until node-redis alone hears of it, in this thread: ${median(await bareReports(url)).toFixed(2)} ms`);
  report('from a write to its effect on another host, median', median(times), 1, 'ms');
}

/** Milliseconds from writes of one client of node-redis until another one hears of them. */
async function bareReports(url) {
  const [writer, listener] = [createClient({ url }), createClient({ url, RESP: 3, emitInvalidate: true })];
  await Promise.all([writer.connect(), listener.connect()]);
  await listener.sendCommand(['CLIENT', 'TRACKING', 'OFF']);
  await listener.sendCommand(['CLIENT', 'TRACKING', 'ON', 'BCAST', 'PREFIX', 'bench:']);
  let hear;
  listener.on('invalidate', () => hear?.());
  const times = [];
  for (let round = 0; round < WRITES; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    const begun = performance.now();
    const heard = new Promise((resolve) => (hear = resolve));
    const written = writer.set('bench:bare', String(round));
    await heard;
    times.push(performance.now() - begun);
    await written;
  }
  writer.destroy();
  listener.destroy();
  return times;
}

/** Lets processes read the same keys at random, and returns what the server was asked and what the processes take. */
async function measureProcesses(url, kind, count) {
  const dir = fs.mkdtempSync('/dev/shm/shmkit-bench-valkey-');
  const admin = createClient({ url });
  await admin.connect();
  const children = Array.from({ length: count }, () => fork(path.join(HERE, 'reader.mjs'), [url, kind, dir, String(KEYS), String(CALLS)], { execArgv: ['--expose-gc'] }));
  await Promise.all(children.map((child) => once(child, 'message')));
  // A host that has just begun to track spreads what it fetches over a few milliseconds.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  // The tier reads by a script, in which a GET is no request of its own.
  const counter = kind === 'tier' ? /cmdstat_evalsha:calls=(\d+)/ : /cmdstat_get:calls=(\d+)/;
  const calls = async () => Number(counter.exec(await admin.sendCommand(['INFO', 'commandstats']))?.[1] ?? 0);
  const before = await calls();
  const answers = children.map(async (child) => (await once(child, 'message'))[0]);
  for (const child of children) child.send('go');
  const results = await Promise.all(answers);
  const requests = (await calls()) - before;
  for (const child of children) child.kill();
  // What the files take in shared memory, the agent's among them.
  const shared = fs.readdirSync(dir).reduce((sum, name) => sum + fs.statSync(path.join(dir, name)).blocks * 512, 0);
  const memory = results.reduce((sum, { heap }) => sum + heap, 0) + shared;
  admin.destroy();
  fs.rmSync(dir, { recursive: true });
  const hits = 1 - requests / (count * CALLS);
  console.log(`     ${kind}, ${count} processes: ${requests} requests, ${(100 * hits).toFixed(1)} % hits, median ${median(results.map(({ p50 }) => p50)).toFixed(1)} us, p99 ${Math.max(...results.map(({ p99 }) => p99)).toFixed(1)} us, ${(memory / 2 ** 20).toFixed(1)} MiB, of them ${(shared / 2 ** 20).toFixed(1)} shared`);
  return { requests, memory };
}

async function measureAgainstOthers(url) {
  const remote = new RemoteDict({ url, prefix: 'bench:' });
  const client = createClient({ url });
  await client.connect();
  for (let key = 0; key < KEYS; key += 1) await Promise.all([remote.set(`r${key}`, 'x'.repeat(1000)), client.set(`bench:plain${key}`, 'x'.repeat(1000))]);
  const figures = {};
  for (const count of [1, 2, 4, 8]) for (const kind of KINDS) figures[`${kind} ${count}`] = await measureProcesses(url, kind, count);
  report('requests of the tier with 8 processes, of those with a cache each', figures['tier 8'].requests / figures['own cache 8'].requests, 1 / 8 + 0.03, 'times');
  report('memory of the tier with 8 processes, of that with a cache each', figures['tier 8'].memory / figures['own cache 8'].memory, 1 / 8 + 0.1, 'times');
  client.destroy();
  await remote.close();
}

const { url } = await startServer(host);
await measureHits(url);
await measureInvalidation(url);
await measureAgainstOthers(url);
for (const end of ends) await end();
