// Measures shmkit/valkey on a real server against its goals: `npm run bench:valkey [-- --only hits|invalidation|takeover|processes]`.
// Compares the tier in shared memory with plain calls of node-redis, with its client-side cache, and with a cache of each process.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import os from 'node:os';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { SharedDict } from 'shmkit';
import { RemoteDict, TieredDict } from 'shmkit/valkey';
import { ensureValkey } from '../../scripts/setup/valkey.mjs';

const HERE = path.dirname(new URL(import.meta.url).pathname);
const KEYS = 4000;
const CALLS = 10_000;
const WRITES = 200;
const TAKE_OVERS = 5;
const SIZE = '16mb';
const { only } = parseArgs({ options: { only: { type: 'string' } } }).values;
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

const makeDir = () => fs.mkdtempSync('/dev/shm/shmkit-bench-valkey-');

async function openTier(url, dir = makeDir()) {
  const remote = new RemoteDict({ url, prefix: 'bench:' });
  const dict = await TieredDict.open('bench', { remote, dir, maxSize: SIZE });
  while ((await dict.stats()).suspect) await new Promise((resolve) => setTimeout(resolve, 5));
  ends.unshift(async () => {
    await dict.close();
    await remote.close();
    fs.rmSync(dir, { recursive: true });
  });
  return { dict, remote, dir };
}

/** Microseconds of each call, the least of several rounds, in which they take turns. */
async function timesOf(...kinds) {
  const least = kinds.map(() => Infinity);
  for (let round = 0; round < 15; round += 1) {
    for (const [index, { call, calls }] of kinds.entries()) {
      const begun = performance.now();
      for (let count = 0; count < calls; count += 1) await call();
      least[index] = Math.min(least[index], ((performance.now() - begun) * 1000) / calls);
    }
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
  const [own, hit, plain] = await timesOf({ call: async () => shared.get('k'), calls: 5000 }, { call: () => dict.get('k'), calls: 5000 }, { call: () => client.get('plain'), calls: 500 });
  console.log(`     get of node-redis: ${plain.toFixed(1)} us; of SharedDict, awaited: ${own.toFixed(2)} us`);
  report('hit of TieredDict.get, awaited', hit, own * 1.5 + 0.3, 'us');
  shared.close();
  client.destroy();
}

const rest = () => new Promise((resolve) => setTimeout(resolve, 5));
/** Lets five milliseconds pass without a rest, as on a machine that has something to do. */
async function work() {
  const end = performance.now() + 5;
  while (performance.now() < end) await new Promise((resolve) => setImmediate(resolve));
}

async function measureInvalidation(url) {
  const tier = await openTier(url);
  for (const [when, between] of [['in steady work', work], ['after 5 ms of rest', rest]]) {
    const times = await invalidations(url, tier.dict, between);
    console.log(`     ${when}, until node-redis alone hears of a write, in this thread: ${median(await bareReports(url, between)).toFixed(2)} ms`);
    report(`from a write to its effect on another host, ${when}, median`, median(times), 1, 'ms');
  }
}

/** Milliseconds from writes on one host until their keys are gone from the tier of another. */
async function invalidations(url, dict, between) {
  const writer = new RemoteDict({ url, prefix: 'bench:' });
  const times = [];
  for (let round = 0; round < WRITES; round += 1) {
    await writer.set('k', round);
    while (dict.peek('k') !== round) await dict.get('k');
    await between();
    if (dict.peek('k') === undefined) continue;
    const begun = performance.now();
    const written = writer.set('k', round + 0.5);
    while (dict.peek('k') === round) await new Promise((resolve) => setImmediate(resolve));
    times.push(performance.now() - begun);
    await written;
  }
  await writer.close();
  return times;
}

/** Milliseconds from writes of one client of node-redis until another one hears of them. */
async function bareReports(url, between) {
  const [writer, listener] = [createClient({ url }), createClient({ url, RESP: 3, emitInvalidate: true })];
  await Promise.all([writer.connect(), listener.connect()]);
  await listener.sendCommand(['CLIENT', 'TRACKING', 'OFF']);
  await listener.sendCommand(['CLIENT', 'TRACKING', 'ON', 'BCAST', 'PREFIX', 'bench:']);
  let hear;
  listener.on('invalidate', () => hear?.());
  const times = [];
  for (let round = 0; round < WRITES; round += 1) {
    await between();
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

/** Kills the process of the agent, again and again, until another process has taken over and serves from the tier. */
async function measureTakeOver(url) {
  const times = [];
  for (let round = 0; round < TAKE_OVERS; round += 1) {
    const dir = makeDir();
    const agent = fork(path.join(HERE, 'reader.mjs'), [url, 'tier', dir, '1', '1', SIZE], { execArgv: ['--expose-gc'] });
    await once(agent, 'message');
    const { dict } = await openTier(url, dir);
    // A process that has just come has its thread in reserve a little later.
    await new Promise((resolve) => setTimeout(resolve, 2500));
    const begun = performance.now();
    agent.kill('SIGKILL');
    await isTakenOver(dict);
    times.push(performance.now() - begun);
    await ends.shift()();
  }
  console.log(`     take-overs: ${times.map((time) => time.toFixed(0)).join(', ')} ms`);
  report('from the death of the agent to the next one, longest', Math.max(...times), 1000, 'ms');
}

async function isTakenOver(dict) {
  for (;;) {
    const { agent, suspect } = await dict.stats();
    if (agent?.pid === process.pid && !suspect) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Lets processes read the same keys at random, and returns what the server was asked and what the processes take. */
async function measureProcesses(url, kind, count) {
  const dir = makeDir();
  const admin = createClient({ url });
  await admin.connect();
  const children = Array.from({ length: count }, () => fork(path.join(HERE, 'reader.mjs'), [url, kind, dir, String(KEYS), String(CALLS), SIZE], { execArgv: ['--expose-gc'] }));
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
  const tracking = String(await admin.sendCommand(['CLIENT', 'LIST'])).split('\n').filter((line) => / flags=\w*[Bt]/.test(line)).length;
  for (const child of children) child.kill();
  // What the files take in shared memory, the agent's among them.
  const shared = fs.readdirSync(dir).reduce((sum, name) => sum + fs.statSync(path.join(dir, name)).blocks * 512, 0);
  const memory = results.reduce((sum, { heap }) => sum + heap, 0) + shared;
  admin.destroy();
  fs.rmSync(dir, { recursive: true });
  const hits = 1 - requests / (count * CALLS);
  console.log(`     ${kind}, ${count} processes: ${requests} requests, ${(100 * hits).toFixed(1)} % hits, median ${median(results.map(({ p50 }) => p50)).toFixed(1)} us, p99 ${Math.max(...results.map(({ p99 }) => p99)).toFixed(1)} us, ${(memory / 2 ** 20).toFixed(1)} MiB, of them ${(shared / 2 ** 20).toFixed(1)} shared; ${tracking} tracking connections`);
  return { requests, memory, tracking };
}

async function measureAgainstOthers(url) {
  const remote = new RemoteDict({ url, prefix: 'bench:' });
  const client = createClient({ url });
  await client.connect();
  for (let key = 0; key < KEYS; key += 1) await Promise.all([remote.set(`r${key}`, 'x'.repeat(1000)), client.set(`bench:plain${key}`, 'x'.repeat(1000))]);
  const figures = {};
  for (const count of [1, 2, 4, 8]) for (const kind of KINDS) figures[`${kind} ${count}`] = await measureProcesses(url, kind, count);
  report('requests of the tier with 8 processes, of those with a cache each', figures['tier 8'].requests / figures['own cache 8'].requests, 1 / 8 + 0.02, 'times');
  report('memory of the tier with 8 processes, of that with a cache each', figures['tier 8'].memory / figures['own cache 8'].memory, 1 / 8 + 0.05, 'times');
  report('tracking connections of a host with 8 processes', figures['tier 8'].tracking, 1, 'connections');
  client.destroy();
  await remote.close();
}

const { url } = await startServer(host);
console.log(`     load of this machine: ${os.loadavg()[0].toFixed(1)} on ${os.availableParallelism()} processors`);
const parts = { hits: measureHits, invalidation: measureInvalidation, takeover: measureTakeOver, processes: measureAgainstOthers };
for (const [name, measure] of Object.entries(parts)) if (only === undefined || only === name) await measure(url);
for (const end of ends) await end();
