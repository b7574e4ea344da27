// `npm run bench:compare`: the same keys, values and calls through shmkit and its peers, each in a process of its own,
// measured in turn.
import fs from 'node:fs';
import { parseArgs } from 'node:util';
import { ensurePeers } from '../../scripts/setup/peers.mjs';
import { explaining } from '../../scripts/setup/process.mjs';
import { machineOf } from '../machine.mjs';
import { median } from '../measure.mjs';
import { atLeast, digits, lineOf } from '../rows.mjs';
import { save } from '../report/save.mjs';
import { Peer } from './peers.mjs';
import { startRedis } from './redis.mjs';

const RESULTS = 'build/compare.json';
const PEERS = ['shmkit', 'shmkit-uncached', 'map', 'lru-cache', 'lmdb', 'better-sqlite3', 'ems', 'ioredis'];
const AGAINST_LMDB = [
  ['get, number', 5],
  ['get, 32 B', 5],
  ['get, 1 KiB', 5],
  ['get, missing', 5],
  ['set, 32 B', 20],
  ['set, 1 KiB', 20],
  ['incr', 40],
];
const HELP = `npm run bench:compare -- [options]

  --only a,b    only these peers: ${PEERS.join(', ')}
  --quick       fewer rounds, and no tables of a million entries
  --save        writes the results and a chart into docs/benchmarks/
  --help        this

Installs the peers into bench/compare first. The results are in ${RESULTS} as well.
`;

const { values: options } = parseArgs({
  options: { only: { type: 'string' }, quick: { type: 'boolean' }, save: { type: 'boolean' }, help: { type: 'boolean' } },
});
const [ROUNDS, MILLISECONDS] = options.quick ? [3, 20] : [7, 60];

function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`);
}

/** `{ case: { peer: nanoseconds } }`. */
async function measureCalls(peers, cases) {
  const results = {};
  for (const title of cases) {
    const figures = Object.fromEntries(peers.map((peer) => [peer.name, []]));
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const peer of peers) {
        progress(`${title}, round ${round + 1} of ${ROUNDS}, ${peer.name}`);
        figures[peer.name].push(await peer.ask('measure', { title, milliseconds: MILLISECONDS }));
      }
    }
    results[title] = Object.fromEntries(peers.map(({ name }) => [name, median(figures[name])]));
  }
  return results;
}

/** `{ peer: two processes' rate / one's }`; what is private to a process has none. */
async function measurePairs(peers, folder) {
  const ratios = {};
  for (const peer of peers) {
    const { isPrivate } = await peer.ready;
    if (isPrivate) continue;
    progress(`two processes, ${peer.name}`);
    const second = new Peer(peer.name);
    await second.ready;
    await second.ask('prepare', { folder, attach: true });
    const rounds = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const mix = (one, seed) => one.ask('mix', { seed, milliseconds: 4 * MILLISECONDS });
      const alone = await mix(peer, 1);
      const [first, other] = await Promise.all([mix(peer, 1), mix(second, 2)]);
      rounds.push((first + other) / alone);
    }
    await second.end();
    ratios[peer.name] = median(rounds);
  }
  return ratios;
}

async function measureMillions(peers) {
  const results = {};
  for (const peer of peers) {
    progress(`a million entries, ${peer.name}`);
    results[peer.name] = await peer.ask('million');
  }
  return results;
}

function verdicts({ calls }) {
  if (!calls['get, 32 B'].lmdb) return [];
  return ['shmkit', 'shmkit-uncached'].flatMap((ours) => {
    const rows = AGAINST_LMDB.filter(([title]) => calls[title][ours]);
    return rows.map(([title, least]) => atLeast(`${ours} against lmdb: ${title}`, calls[title].lmdb / calls[title][ours], least, 'x'));
  });
}

const cell = (value) => (value === undefined ? '-' : digits(value));
const line = (title, cells) => `${title.padEnd(20)}${cells.map((text) => text.padStart(16)).join('')}\n`;

function print(peers, { calls, pairs, millions }, rows) {
  process.stdout.write(`\n${line('ns a call', peers.map((peer) => peer.name))}`);
  for (const [title, figures] of Object.entries(calls)) {
    process.stdout.write(line(title, peers.map(({ name }) => digits(figures[name]))));
  }
  process.stdout.write(line('two processes, x', peers.map(({ name }) => cell(pairs[name]))));
  process.stdout.write(line('bytes, of 1 M', peers.map(({ name }) => cell(millions[name]?.bytes))));
  process.stdout.write(line('keys of 1 M, ms', peers.map(({ name }) => cell(millions[name]?.milliseconds))));
  process.stdout.write(`\n${rows.map(lineOf).join('\n')}\n`);
}

async function compare(missing) {
  const names = (options.only?.split(',') ?? PEERS).filter((name) => !missing[name]);
  const folder = fs.mkdtempSync('/dev/shm/shmkit-compare-');
  const machine = machineOf();
  process.stdout.write(`${machine.summary}\n`);
  const endRedis = names.includes('ioredis') ? await startRedis(folder) : () => {};
  const peers = names.map((name) => new Peer(name));
  try {
    const introductions = await Promise.all(peers.map((peer) => peer.ready));
    for (const peer of peers) await peer.ask('prepare', { folder, attach: false });
    const calls = await measureCalls(peers, introductions[0].cases);
    const pairs = await measurePairs(peers, folder);
    const millions = options.quick ? {} : await measureMillions(peers);
    const notes = Object.fromEntries(peers.map(({ name }, index) => [name, introductions[index].note]));
    const results = { machine: { ...machine, loadAfter: machineOf().load }, quick: options.quick ?? false, notes, missing, calls, pairs, millions };
    results.verdicts = verdicts(results);
    progress('');
    print(peers, results, results.verdicts);
    fs.mkdirSync('build', { recursive: true });
    fs.writeFileSync(RESULTS, `${JSON.stringify(results, null, 2)}\n`);
    if (options.save) save('compare', results);
  } finally {
    await Promise.allSettled(peers.map((peer) => peer.end()));
    await endRedis();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

if (options.help) {
  process.stdout.write(HELP);
} else {
  await explaining(async () => {
    const missing = ensurePeers();
    for (const [name, reason] of Object.entries(missing)) process.stdout.write(`LEFT OUT: ${name}: ${reason}\n`);
    await compare(missing);
  });
}
