// Counts the instructions of single operations of the engine with callgrind. The count is the same in every run.
//
// The cost of starting and preparing cancels out: each count is the difference between two runs, one of twice the length.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { outputOf, ROOT, SetupError } from '../setup/process.mjs';

// Whole rounds through the gauge's keys.
const TIMES = 2000;
const exec = promisify(execFile);

/** Returns valgrind's version, or null if it is not installed. */
export function valgrindVersion() {
  return outputOf('valgrind', ['--version']);
}

/** Returns what the counts depend on besides our code: the compiler and the platform. */
export function setting() {
  const rustc = outputOf('rustc', ['--version'])?.split(' ')[1];
  return `rustc ${rustc}, ${process.platform} ${process.arch}`;
}

/** Builds the gauge, optimised like the addon, and returns its path. */
export async function buildGauge() {
  // Cargo prints its messages as JSON on stdout, and errors as text on stderr.
  const args = ['build', '--release', '-p', 'shmkit-gauge', '--message-format', 'json-render-diagnostics'];
  const { stdout } = await output('cargo', args);
  const messages = stdout.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  const built = messages.find((message) => message.target?.name === 'shmkit-gauge' && message.executable);
  if (!built) throw new SetupError('cargo did not say where it put the gauge');
  return built.executable;
}

/** Returns `{ operation: instructions }`, each the mean of thousands of calls. */
export async function countAll(gauge) {
  const { stdout } = await output(gauge, ['list']);
  const names = stdout.trim().split('\n');
  const counts = {};
  const next = names.values();
  const work = async () => {
    for (const name of next) counts[name] = await count(gauge, name);
  };
  await Promise.all(Array.from({ length: os.availableParallelism() }, work));
  return Object.fromEntries(names.map((name) => [name, counts[name]]));
}

/** Returns the functions that execute most of an operation's instructions: `[{ name, share }]`. */
export async function profileOf(gauge, operation) {
  const profile = path.join(os.tmpdir(), `shmkit-guard-${process.pid}.out`);
  try {
    await output('valgrind', ['--tool=callgrind', `--callgrind-out-file=${profile}`, gauge, 'count', operation, String(10 * TIMES)]);
    const { stdout } = await output('callgrind_annotate', [profile]);
    const lines = [...stdout.matchAll(/^ *[\d,]+ \( ?([\d.]+)%\) +\S*?:(.+?)(?: \[.*)?$/gm)];
    return lines.map(([, share, name]) => ({ name, share: Number(share) }));
  } finally {
    fs.rmSync(profile, { force: true });
  }
}

async function count(gauge, name) {
  const once = await instructions(gauge, name, TIMES);
  const twice = await instructions(gauge, name, 2 * TIMES);
  return Math.round((twice - once) / TIMES);
}

async function instructions(gauge, name, times) {
  const args = ['--tool=callgrind', '--callgrind-out-file=/dev/null', gauge, 'count', name, String(times)];
  const { stderr } = await output('valgrind', args);
  const found = /Collected : (\d+)/.exec(stderr)?.[1];
  if (!found) throw new SetupError(`valgrind counted nothing for "${name}": ${stderr}`);
  return Number(found);
}

async function output(command, args) {
  try {
    return await exec(command, args, { cwd: ROOT, maxBuffer: 64 << 20 });
  } catch (error) {
    throw new SetupError(`\`${[command, ...args].join(' ')}\` failed: ${error.stderr ?? error.message}`);
  }
}
