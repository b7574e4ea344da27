// Measures and prints.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import autocannon from 'autocannon';
import { machineOf } from '../machine.mjs';
import { CACHES } from './caches.mjs';
import { METRICS } from './metrics.mjs';
import { MORE } from './more.mjs';
import { STORES } from './stores.mjs';
import { connect, startValkey } from './valkey.mjs';

const HERE = path.dirname(new URL(import.meta.url).pathname);
const KINDS = ['memory', 'shm', 'server'];
/** Nanoseconds of a measurement. Short ones are seldom interrupted, and the least of many was not. */
const SLICE = 4e6;
const LOADED_SECONDS = 5;

export async function run({ only, rounds }) {
  console.log(`${machineOf().summary}\n`);
  const valkey = await startValkey();
  if (valkey.socket === undefined) console.log(`without a server: ${valkey.reason}`);
  const clients = valkey.socket === undefined ? {} : { socket: valkey.socket, ...(await connect(valkey.socket)) };
  print(['calls a second', ...KINDS, 'shm / memory', 'server / shm']);
  for (const [title, { prepare, goal, faster }] of Object.entries({ ...STORES, ...CACHES, ...MORE, ...METRICS })) {
    if (!title.includes(only)) continue;
    const { end, ...calls } = await prepare(clients);
    report(title, await measure(calls, rounds), goal, faster);
    await end?.();
  }
  if ('Express'.includes(only)) await measureExpress(valkey.socket, rounds);
  clients.close?.();
  await valkey.end();
  process.exit();
}

/** Returns the least nanoseconds of an awaited call, by kind. All kinds are measured in each round. */
async function measure(calls, rounds) {
  const figures = Object.fromEntries(Object.keys(calls).filter((kind) => calls[kind]).map((kind) => [kind, []]));
  for (let round = -1; round < rounds; round += 1) {
    for (const kind of Object.keys(figures)) {
      const each = await nanosecondsOf(calls[kind]);
      if (round >= 0) figures[kind].push(each);
    }
  }
  return Object.fromEntries(Object.entries(figures).map(([kind, all]) => [kind, Math.min(...all)]));
}

async function nanosecondsOf(call) {
  const batch = 50;
  const begun = process.hrtime.bigint();
  let calls = 0;
  let passed = 0;
  while (passed < SLICE) {
    for (let index = 0; index < batch; index += 1) await call();
    calls += batch;
    passed = Number(process.hrtime.bigint() - begun);
  }
  return passed / calls;
}

function report(title, { memory, shm, server }, goal, faster) {
  const ratio = shm / memory;
  const gain = server === undefined ? undefined : server / shm;
  print([
    title,
    ...[memory, shm, server].map((each) => (each === undefined ? '-' : Math.round(1e9 / each).toLocaleString('en'))),
    `${ratio.toFixed(2)}${verdict(goal === undefined || ratio <= goal, goal, '<=')}`,
    gain === undefined ? '-' : `${gain.toFixed(0)}${verdict(faster === undefined || gain >= faster, faster, '>=')}`,
  ]);
}

function verdict(isReached, goal, sign) {
  return goal === undefined ? '' : ` (${isReached ? 'ok' : 'MISSED'}, ${sign} ${goal})`;
}

function print(cells) {
  console.log(cells.map((cell, index) => (index === 0 ? cell.padEnd(32) : cell.padStart(index < 4 ? 12 : 22))).join(''));
}

/** Loads the application with each kind of stores in turn. */
async function measureExpress(socket, rounds) {
  console.log('\nExpress with a limit and a session, 20 connections, one process');
  const kinds = KINDS.filter((kind) => kind !== 'server' || socket !== undefined);
  const figures = Object.fromEntries(kinds.map((kind) => [kind, []]));
  for (let round = 0; round < Math.ceil(rounds / 20); round += 1) {
    for (const kind of kinds) figures[kind].push(await loadExpress(kind, socket));
  }
  // The best of all rounds: what else the machine does only makes them worse.
  for (const kind of kinds) {
    const of = (name) => figures[kind].map((each) => each[name]);
    const [perSecond, cpu, p99] = [Math.max(...of('perSecond')), Math.min(...of('cpu')), Math.min(...of('p99'))];
    console.log(`${kind.padEnd(10)} ${perSecond.toFixed(0).padStart(8)} requests a second, ${cpu.toFixed(0).padStart(5)} us of CPU a request, p99 ${p99.toFixed(1)} ms`);
  }
}

async function loadExpress(kind, socket = '') {
  const child = fork(path.join(HERE, 'express.mjs'), [kind, socket]);
  const [{ port }] = await once(child, 'message');
  const url = `http://127.0.0.1:${port}`;
  const { headers } = await fetch(url);
  const cookie = headers.get('set-cookie').split(';')[0];
  const load = (duration) => autocannon({ url, connections: 20, duration, headers: { cookie } });
  await load(1);
  const before = await cpuOf(child);
  const { requests, latency, errors, non2xx } = await load(LOADED_SECONDS);
  const cpu = (await cpuOf(child)) - before;
  child.send('end');
  await once(child, 'exit');
  if (errors > 0 || non2xx > 0) throw new Error(`${errors} errors, ${non2xx} refusals of ${requests.total} requests`);
  return { perSecond: requests.average, cpu: cpu / requests.total, p99: latency.p99 };
}

async function cpuOf(child) {
  child.send('cpu');
  const [{ cpu }] = await once(child, 'message');
  return cpu.user + cpu.system;
}
