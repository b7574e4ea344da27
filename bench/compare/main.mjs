// `npm run bench:compare`: makes the same calls with the same keys and values through shmkit and its peers, each in a
// process of its own, measured in turn.
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
  --help        prints this

Installs the peers into bench/compare first. The results are also written to ${RESULTS}.
`;

const { values: options } = parseArgs({
  options: { only: { type: 'string' }, quick: { type: 'boolean' }, save: { type: 'boolean' }, help: { type: 'boolean' } },
});
const [ROUNDS, MILLISECONDS] = options.quick ? [3, 20] : [7, 60];

function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`);
}

/** Returns `{ case: { peer: nanoseconds of each round } }`. */
async function measureCalls(peers, cases) {
  const rounds = {};
  for (const title of cases) {
    const figures = Object.fromEntries(peers.map((peer) => [peer.name, []]));
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const peer of peers) {
        progress(`${title}, round ${round + 1} of ${ROUNDS}, ${peer.name}`);
        const figure = await peer.try('measure', { title, milliseconds: MILLISECONDS });
        if (figure !== undefined) figures[peer.name].push(figure);
      }
    }
    rounds[title] = figures;
  }
  return rounds;
}

/** Returns `{ case: { peer: the median } }`. */
function mediansOf(rounds) {
  const all = {};
  for (const [title, figures] of Object.entries(rounds)) {
    const measured = Object.entries(figures).filter(([, each]) => each.length === ROUNDS);
    all[title] = Object.fromEntries(measured.map(([name, each]) => [name, median(each)]));
  }
  return all;
}

/** Returns `{ peer: rate of two processes / rate of one }`; peers that are private to a process have none. */
async function measurePairs(peers, folder) {
  const ratios = {};
  for (const peer of peers) {
    const { isPrivate } = await peer.ready;
    if (isPrivate || peer.ended) continue;
    progress(`two processes, ${peer.name}`);
    const second = new Peer(peer.name);
    await second.ready;
    await second.try('prepare', { folder, attach: true });
    const rounds = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const mix = (one, seed) => one.try('mix', { seed, milliseconds: 4 * MILLISECONDS });
      const alone = await mix(peer, 1);
      const [first, other] = await Promise.all([mix(peer, 1), mix(second, 2)]);
      rounds.push((first + other) / alone);
    }
    if (!peer.ended && !second.ended) ratios[peer.name] = median(rounds);
    await second.end();
  }
  return ratios;
}

async function measureMillions(peers) {
  const results = {};
  for (const peer of peers) {
    progress(`a million entries, ${peer.name}`);
    const result = peer.ended ? undefined : await peer.try('million');
    if (result !== undefined) results[peer.name] = result;
  }
  return results;
}

// The medians of the ratios of each round.
function faster({ lmdb }, figures) {
  return median(lmdb.map((figure, round) => figure / figures[round]));
}

/** Returns how many times faster than lmdb shmkit is. */
function verdicts(rounds) {
  return ['shmkit', 'shmkit-uncached'].flatMap((ours) =>
    AGAINST_LMDB.filter(([title]) => rounds[title].lmdb && rounds[title][ours]).map(([title, least]) =>
      atLeast(`${ours} against lmdb: ${title}`, faster(rounds[title], rounds[title][ours]), least, 'x'),
    ),
  );
}

const cell = (value) => (value === undefined ? '-' : digits(value));
const line = (title, cells) => `${title.padEnd(20)}${cells.map((text) => text.padStart(16)).join('')}\n`;

function print(peers, { calls, pairs, millions }, rows) {
  process.stdout.write(`\n${line('ns per call', peers.map((peer) => peer.name))}`);
  for (const [title, figures] of Object.entries(calls)) {
    process.stdout.write(line(title, peers.map(({ name }) => cell(figures[name]))));
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
    for (const peer of peers) await peer.try('prepare', { folder, attach: false });
    const rounds = await measureCalls(peers, introductions[0].cases);
    const calls = mediansOf(rounds);
    const pairs = await measurePairs(peers, folder);
    const millions = options.quick ? {} : await measureMillions(peers);
    const notes = Object.fromEntries(peers.map(({ name }, index) => [name, introductions[index].note]));
    const results = { machine: { ...machine, loadAfter: machineOf().load }, quick: options.quick ?? false, notes, missing, calls, pairs, millions };
    results.verdicts = verdicts(rounds);
    progress('');
    print(peers, results, results.verdicts);
    for (const { name, ended } of peers) {
      if (!ended) continue;
      missing[name] = ended;
      process.stdout.write(`LEFT OUT: ${name}: ${ended}\n`);
    }
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
