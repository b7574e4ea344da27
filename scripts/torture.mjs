// Runs the long versions of what the gate runs briefly, one part after another. A failed part does not stop the others. The
// last line counts the failed parts; the exit code is 0 if there are none.
import { spawn } from 'node:child_process';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { ensureTools } from './models/tools.mjs';
import { ensurePackage, ensureSpecs } from './setup/build.mjs';
import { explaining, packageScript, ROOT, say, SetupError } from './setup/process.mjs';

const KILLS = '500';
const AVA = packageScript('ava', 'entrypoints', 'cli.mjs');

const spec = (name, lengths) => [[process.execPath, [AVA, `build/test/${name}.spec.js`], lengths]];
const cargo = (args, variables) => [['cargo', args, variables]];
const script = (name) => [[process.execPath, [name], {}]];

/** One program per processor: each has one thread. */
function sweeps() {
  const count = os.availableParallelism();
  const share = (number) => ['run', '--release', '--quiet', '-p', 'shmkit-torture', '--', '--share', `${number}/${count}`];
  return Array.from({ length: count }, (_, number) => ['cargo', share(number), {}]);
}

/** Each part: its name, a description, and the programs that run at the same time. */
const PARTS = [
  ['histories', 'recorded histories, with the local cache and without', () => spec('history/linearizable', { SHMKIT_HISTORIES: '60' })],
  ['flows', 'recorded histories of queues and channels', () => spec('history/flows', { SHMKIT_HISTORIES: '30' })],
  ['names', '64 processes that create, open and remove one name', () => spec('history/names', { SHMKIT_NAME_HISTORIES: '10', SHMKIT_NAME_PROCESSES: '64' })],
  ['storm', `${KILLS} kills`, () => spec('fault/storm', { SHMKIT_STORM_KILLS: KILLS })],
  ['siblings', `${KILLS} kills of holders and waiters`, () => spec('fault/locking-storm', { SHMKIT_STORM_KILLS: KILLS })],
  ['containers', '200 kills in several pid namespaces', () => spec('fault/containers', { SHMKIT_STORM_KILLS: '200' })],
  ['workers', '1,000 workers that come and go', () => spec('processes/worker-cycles', { SHMKIT_WORKER_CYCLES: '1000' })],
  ['mutants', 'bugs in the engine, which histories must expose', () => script('scripts/mutants/main.mjs')],
  [
    'refusals',
    'every system call refused with every error',
    () => cargo(['test', '-p', 'shmkit-object', '--test', 'lifecycle_refused', '--test', 'siblings_refused'], { SHMKIT_ALL_REFUSALS: '1' }),
  ],
  ['dying', 'the death of a process with 4 GiB', () => cargo(['test', '-p', 'shmkit-os', '--test', 'liveness_slow'], { SHMKIT_DYING_MIB: '4096' })],
  ['bits', 'every bit of a segment flipped', () => cargo(['test', '-p', 'shmkit-dict', '--lib', 'hostile::flips'], { SHMKIT_ALL_BITS: '1' })],
  ['instructions', 'death between any two instructions', sweeps],
  ['models', 'all states of the models, all orderings', () => script('scripts/models/main.mjs')],
];

const HELP = `npm run torture -- [--only PART,...]

${PARTS.map(([name, what]) => `  ${name.padEnd(13)} ${what}`).join('\n')}

All of them take about an hour and a half on two processors.`;

function succeeds([command, args, variables]) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...variables } });
    child.on('error', () => resolve(false));
    child.on('close', (status) => resolve(status === 0));
  });
}

async function main() {
  const { only, help } = parseArgs({ options: { only: { type: 'string' }, help: { type: 'boolean' } } }).values;
  if (help) return console.log(HELP);
  const names = only?.split(',');
  const chosen = PARTS.filter(([name]) => !names || names.includes(name));
  if (chosen.length < (names?.length ?? 1)) throw new SetupError(HELP);
  // Reports missing tools now, and not after an hour.
  if (chosen.some(([name]) => name === 'models')) ensureTools();
  ensurePackage();
  ensureSpecs();
  const failed = [];
  for (const [index, [name, what, programs]] of chosen.entries()) {
    say(`${index + 1} of ${chosen.length}: ${name}: ${what}`);
    const started = performance.now();
    const outcomes = await Promise.all(programs().map(succeeds));
    const good = outcomes.every(Boolean);
    if (!good) failed.push(name);
    say(`${name}: ${good ? 'no violation' : 'VIOLATIONS'}, ${Math.round((performance.now() - started) / 1000)} s`);
  }
  say(`torture: ${chosen.length} parts, ${failed.length} with violations${failed.length > 0 ? `: ${failed.join(', ')}` : ''}`);
  if (failed.length > 0) process.exitCode = 1;
}

await explaining(main);
