// Measures the command line against its goals, and prints each time with its limit: `npm run bench:cli`.
import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { SharedDict } from 'shmkit';
import { inspectorCost, pageBytes } from './inspector.mjs';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..');
const COMMAND = path.join(ROOT, 'dist/cli.js');
const WRITER = path.join(path.dirname(fileURLToPath(import.meta.url)), 'writer.mjs');
const USAGE = path.join(path.dirname(fileURLToPath(import.meta.url)), 'usage.cjs');
const OBJECTS = 1000;
const ENTRIES = 1_000_000;
const RUNS = 15;

/** Returns the least of several runs: time that passed, and time of processors, in milliseconds. Other programs run, too. */
function least(args, runs = RUNS) {
  return leastOf({ it: args }, runs).it;
}

/** Like `least`, for several programs in turn, so that what else runs slows down all of them. */
function leastOf(programs, runs) {
  const found = Object.fromEntries(Object.keys(programs).map((what) => [what, { time: Infinity, cpu: Infinity }]));
  for (let run = 0; run < runs; run += 1) {
    for (const [what, args] of Object.entries(programs)) {
      const { time, cpu } = once(args);
      found[what] = { time: Math.min(found[what].time, time), cpu: Math.min(found[what].cpu, cpu) };
    }
  }
  return found;
}

function once(args) {
  const start = process.hrtime.bigint();
  const { status, stderr, output } = spawnSync(process.execPath, ['--require', USAGE, ...args], { stdio: ['ignore', 'pipe', 'pipe', 'pipe'], maxBuffer: 2 ** 28 });
  const time = Number(process.hrtime.bigint() - start) / 1e6;
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return { time, cpu: Number(output[3]) };
}

function report(what, measured, limit, note = '') {
  console.log(`${measured <= limit ? 'ok  ' : 'OVER'} ${what}: ${measured.toFixed(2)} (limit ${limit})${note}`);
}

function reportTime(what, { time, cpu }, limit) {
  report(`${what}, in ms`, time, limit, `; ${cpu.toFixed(0)} of processors`);
}

function measureStart() {
  const figures = leastOf({ 'node -e 0': ['-e', '0'], 'node with the package': ['-e', `require(${JSON.stringify(ROOT)})`], 'shmkit ls': [COMMAND, 'ls', '--kind', 'mutex'] }, RUNS);
  for (const [what, { time, cpu }] of Object.entries(figures)) console.log(`     ${what}: ${time.toFixed(1)} ms, ${cpu.toFixed(1)} of processors`);
  const { 'node with the package': imported, 'shmkit ls': ls } = figures;
  report('shmkit ls of no objects, in terms of node with the package', ls.time / imported.time, 1.5, `; ${(ls.cpu / imported.cpu).toFixed(2)} of processors`);
}

function measureList() {
  const dicts = Array.from({ length: OBJECTS }, (_, index) => SharedDict.create(`bench-cli-${process.pid}-${index}`, { size: '64kb' }));
  reportTime(`shmkit ls with ${OBJECTS} objects`, least([COMMAND, 'ls']), 200);
  for (const dict of dicts) dict.close();
}

async function measureTopKeys() {
  const dict = SharedDict.create(`bench-cli-${process.pid}`, { size: '256mb' });
  dict.setMany(entries());
  reportTime('shmkit top-keys over a million entries', least([COMMAND, 'top-keys', dict.name], 3), 2000);
  reportTime('shmkit top-keys --by prefix over a million entries', least([COMMAND, 'top-keys', dict.name, '--by', 'prefix'], 3), 2000);
  const alone = await longestWrites(dict, []);
  const during = await longestWrites(dict, ['top-keys', dict.name]);
  console.log(`     what 1 in 10,000 writes exceeds: alone ${alone.slowest.toFixed(3)} ms, during top-keys ${during.slowest.toFixed(3)} ms`);
  report('waits of a writer for a lock during top-keys', during.lockWaits, 0);
  dict.close();
}

function* entries() {
  for (let index = 0; index < ENTRIES; index += 1) yield [`user:${index % 1000}:${index}`, index];
}

/** Writes in another process, while the command runs if one is given. */
async function longestWrites(dict, command) {
  const before = dict.stats().lockWaits;
  const writer = spawn(process.execPath, [WRITER, dict.name], { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  writer.stdout.on('data', (data) => (printed += String(data)));
  const ended = new Promise((resolve) => {
    writer.on('close', resolve);
  });
  if (command.length > 0) spawnSync(process.execPath, [COMMAND, ...command]);
  await ended;
  return { slowest: Number(printed), lockWaits: dict.stats().lockWaits - before };
}

async function measureInspector() {
  report('bytes of the inspector page, compressed', pageBytes(ROOT), 60_000);
  const names = Array.from({ length: 20 }, (_, index) => `bench-cli-${process.pid}-${index}`);
  const dicts = names.map((name) => SharedDict.create(name, { size: '16mb' }));
  const views = { '20 dictionaries': '/api/objects', 'one dictionary': `/api/object?kind=dict&name=${names[0]}` };
  for (const [view, { percent, updates }] of Object.entries(await inspectorCost(COMMAND, views))) {
    report(`the inspector's view of ${view}, in percent of a processor`, percent, 3, `; ${updates.toFixed(2)} updates a second`);
  }
  for (const dict of dicts) dict.close();
}

measureStart();
measureList();
await measureTopKeys();
await measureInspector();
