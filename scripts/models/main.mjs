// Explores every state of the models in models/ with SPIN, and the memory orderings of the engine itself with loom.
// The exit code is 0 if everything holds and every mutant fails for the expected reason.
//   node scripts/models/main.mjs [--only lock|read|probe|double|pages|tier|masters|channel|feed|claim|loom]
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { explaining, ROOT, say, SetupError } from '../setup/process.mjs';
import { exploreOrderings } from './orderings.mjs';
import { runs } from './runs.mjs';
import { ensureTools } from './tools.mjs';

const { only } = parseArgs({ options: { only: { type: 'string' } } }).values;
const AT_ONCE = Math.max(1, Math.min(2, os.availableParallelism()));

function finished(command, args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, output }));
  });
}

async function must(command, args, cwd) {
  const { status, output } = await finished(command, args, cwd);
  if (status !== 0) throw new SetupError(`\`${command} ${args.join(' ')}\` failed:\n${output}`);
}

// Compiles a model, with its defines, to a program that visits every state, and runs it.
async function explore({ model, defines, memory }) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'shmkit-model-'));
  try {
    fs.copyFileSync(path.join(ROOT, 'models', `${model}.pml`), path.join(dir, 'model.pml'));
    await must('spin', [...Object.entries(defines).map(([name, value]) => `-D${name}=${value}`), '-a', 'model.pml'], dir);
    await must('gcc', ['-O2', '-w', '-DSAFETY', '-DCOLLAPSE', `-DMEMLIM=${memory}`, '-o', 'pan', 'pan.c'], dir);
    return (await finished('./pan', ['-m1000000', '-w24'], dir)).output;
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

function verdictOn({ fails }, output) {
  const errors = Number(/errors: (\d+)/.exec(output)?.[1] ?? NaN);
  const violation = /^pan:\d+: (.*) \(at depth/m.exec(output)?.[1] ?? null;
  const complete = !/Search not completed|max search depth too small|reached -DMEMLIM/.test(output);
  if (fails) return { good: errors > 0 && violation !== null && fails.test(violation), found: violation ?? 'nothing' };
  return { good: errors === 0 && complete, found: violation ?? (complete ? 'nothing' : 'not explored to the end') };
}

async function one(run, progress) {
  const title = [run.model, ...Object.entries(run.defines).map((pair) => pair.join('='))].join(' ');
  const started = performance.now();
  const output = await explore(run);
  const { good, found } = verdictOn(run, output);
  const states = Number(/(\d+) states, stored/.exec(output)?.[1] ?? 0);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const verdict = good ? (run.fails ? 'fails, as it must' : 'holds') : 'WRONG';
  say(`${progress()}: ${verdict}: ${title}: ${run.what}: ${states.toLocaleString('en')} states, ${seconds} s`);
  if (!good) say(`  expected ${run.fails ?? 'no error'}, found ${found}`);
  return { good, states };
}

async function exploreStates() {
  ensureTools();
  const queue = runs.filter((run) => !only || run.model === only);
  if (queue.length === 0) throw new SetupError('--only takes the name of a model');
  const started = performance.now();
  const results = [];
  const count = queue.length;
  let done = 0;
  const progress = () => `${(done += 1)} of ${count}`;
  const worker = async () => {
    for (let run = queue.shift(); run; run = queue.shift()) results.push(await one(run, progress));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const wrong = results.filter((result) => !result.good).length;
  const states = results.reduce((total, result) => total + result.states, 0);
  const seconds = Math.round((performance.now() - started) / 1000);
  say(`models: ${results.length} explored, ${states.toLocaleString('en')} states, ${seconds} s`);
  return wrong;
}

async function main() {
  let wrong = 0;
  if (only !== 'loom') wrong += await exploreStates();
  if (!only || only === 'loom') wrong += exploreOrderings();
  say(`models: ${wrong} violations`);
  if (wrong > 0) process.exitCode = 1;
}

await explaining(main);
