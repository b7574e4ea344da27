// One step of the gate: runs a program, shows its output as it appears, and counts its results.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { outputOf, ROOT } from '../setup/process.mjs';

const NEXTEST_REPORT = path.join(process.env.CARGO_TARGET_DIR ?? path.join(ROOT, 'target'), 'nextest/default/junit.xml');

/** How many of the last lines of a failed step are repeated at the end. */
const REPEATED_LINES = 60;

/** Runs a program with additional environment variables. It either succeeds or counts as one failure. */
export async function check(title, command, args, variables = {}) {
  const { code, printed } = await show(title, command, args, variables);
  return told({ title, passed: 0, failed: code === 0 ? 0 : 1 }, printed);
}

/**
 * Runs a test runner; `countIn` finds `{ passed, failed }` in its output. An error exit without a counted failure counts as
 * one. A test that cannot run on this machine passes and prints `NOT RUN: <reason>`; it counts as neither.
 */
export async function count(title, command, args, countIn, variables = {}) {
  return counted(title, await show(title, command, args, variables), countIn);
}

/** Runs tests of Rust crates with cargo-nextest, which limits the time of each test, or without it with `cargo test`. */
export async function countRust(title, ...args) {
  if (outputOf('cargo', ['nextest', '--version']) === null) return count(title, 'cargo', ['test', ...args], countCargo);
  fs.rmSync(NEXTEST_REPORT, { force: true });
  const shown = await show(title, 'cargo', ['nextest', 'run', '--color', 'never', ...args]);
  // The output of tests that passed is only in the report.
  return counted(title, { ...shown, output: `${shown.output}\n${textOf(NEXTEST_REPORT)}` }, countNextest);
}

function counted(title, { code, output, printed }, countIn) {
  const { passed, failed } = countIn(output);
  const notRun = reasonsIn(output);
  return told({ title, passed: Math.max(0, passed - notRun.length), failed: code === 0 ? failed : Math.max(failed, 1), notRun }, printed);
}

/** Adds the last lines of a failed step to its result: programs that run the gate may keep only the end of what it prints. */
function told(result, printed) {
  return result.failed > 0 ? { ...result, lastLines: printed.trimEnd().split('\n').slice(-REPEATED_LINES) } : result;
}

/** Returns why tests did not run, one reason per test. Rust tests print their name before the reason. */
export function reasonsIn(output) {
  return [...output.matchAll(/\bNOT RUN: (?:\w+: )?(.+)$/gm)].map((match) => match[1].trim());
}

/** Runs a function that returns a list of problems; any problem makes the step fail. */
export async function audit(title, problemsOf) {
  process.stdout.write(`\n== ${title}\n`);
  const problems = await problemsOf();
  for (const problem of problems) process.stdout.write(`${problem}\n`);
  return told({ title, passed: 0, failed: problems.length > 0 ? 1 : 0 }, problems.join('\n'));
}

// One result line per test program.
function countCargo(output) {
  const results = [...output.matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed;/gm)];
  return { passed: sum(results.map((result) => result[1])), failed: sum(results.map((result) => result[2])) };
}

// One summary for all programs: `Summary [ 9.1s] 7 tests run: 5 passed (1 slow), 1 failed, 1 timed out, 2 skipped`.
function countNextest(output) {
  const summary = /^ *Summary \[.*?\] .* tests? run: (.*)$/m.exec(output)?.[1] ?? '';
  const parts = [...summary.replaceAll(/\([^)]*\)/g, '').matchAll(/(\d+) ([a-z ]*[a-z])/g)];
  const { passed = 0, skipped: _, ...failed } = Object.fromEntries(parts.map(([, number, what]) => [what, number]));
  return { passed: Number(passed), failed: sum(Object.values(failed)) };
}

/** Counts AVA's closing lines. Everything else that it reports there (a crash, an unhandled rejection) is a failure too. */
export function countAva(output) {
  const passed = [...output.matchAll(/^\s*(\d+) tests? passed$/gm)].map((match) => match[1]);
  const failed = [
    ...output.matchAll(/^\s*(\d+) (?:tests?|hooks?|files?|test files?|uncaught|unhandled|timed) [a-z ]+$/gm),
  ]
    .filter((match) => !match[0].endsWith('passed'))
    .map((match) => match[1]);
  return { passed: sum(passed), failed: sum(failed) };
}

function textOf(file) {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + Number(number), 0);
}

function show(title, command, args, variables = {}) {
  process.stdout.write(`\n== ${title}\n`);
  const child = spawn(command, args, { cwd: ROOT, env: { ...process.env, ...variables }, stdio: ['ignore', 'pipe', 'pipe'] });
  // Collected separately as well, so that neither stream breaks a line of the other.
  const inOrder = [];
  const outputs = [child.stdout, child.stderr].map((stream) => {
    const chunks = [];
    stream.on('data', (chunk) => {
      chunks.push(chunk);
      inOrder.push(chunk);
      process.stdout.write(chunk);
    });
    return chunks;
  });
  return new Promise((resolve) => {
    child.on('error', (error) => {
      process.stdout.write(`${command}: ${error.message}\n`);
      resolve({ code: 1, output: '', printed: error.message });
    });
    child.on('close', (code) => resolve({ code: code ?? 1, output: outputs.map(textIn).join('\n'), printed: textIn(inOrder) }));
  });
}

function textIn(chunks) {
  return Buffer.concat(chunks).toString();
}
