// The gate: everything that must hold before a change is merged, cheap checks first.
// A failed step does not stop the next; the last line counts all failures, and the tests that could not run here.
//   node scripts/test.mjs [--only lint|rust|js]
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { problemsInAddons, problemsInFeatures } from './gate/addon.mjs';
import { buildAhead, builtAhead } from './gate/ahead.mjs';
import { problemsInDependencies } from './gate/dependencies.mjs';
import { problemsInPackage } from './gate/package.mjs';
import { audit, check, count, countAva, countRust } from './gate/step.mjs';
import { problemsInCounts } from './guard/main.mjs';
import { ensureAddon, ensureDist, ensureModules, ensureSpecs } from './setup/build.mjs';
import { packageScript, ROOT, say, SetupError } from './setup/process.mjs';
import { checkNode, checkRust } from './setup/toolchain.mjs';
import { problemsInTree } from './tidy/main.mjs';

const LOOM = { RUSTFLAGS: '--cfg loom', CARGO_TARGET_DIR: path.join(process.env.CARGO_TARGET_DIR ?? path.join(ROOT, 'target'), 'loom') };
const TSC = packageScript('typescript', 'bin', 'tsc');
const AVA = packageScript('ava', 'entrypoints', 'cli.mjs');
/** The specs that run in a second copy of the package's JavaScript as well, beside a busy first one. */
const SECOND_COPY = { SHMKIT_TEST_SECOND_COPY: '1' };
const IN_SECOND_COPY = [
  'api/*', 'incr/*', 'scan/*', 'mutex/*', 'locks/locks', 'semaphore/waiting', 'ring/messages', 'get-or-set/one-process', 'channel/messages', 'queue/jobs',
].map((spec) => `build/test/${spec}.spec.js`);
/** How macOS and FreeBSD lock, sleep and take memory, on this system. All at once, so that the crates are built once. */
const LIKE_OTHERS = 'shmkit-os/kept-descriptors,shmkit-os/written-files,shmkit-os/single-words';
const OF_OTHERS = ['liveness', 'everywhere', 'waiter', 'waiter_sleepers'].flatMap((test) => ['--test', test]);
/** Milliseconds of a step that the last lines need not tell of. */
const SHORT_STEP = 10_000;
const { only } = parseArgs({ options: { only: { type: 'string' } } }).values;

const groups = {
  lint: [
    () => audit('tidy', problemsInTree),
    () => node('workflows', packageScript('@tktco', 'node-actionlint', 'bin', 'node-actionlint.js'), '.github/workflows/*.yml'),
    () => check('cargo fmt', 'cargo', ['fmt', '--all', '--check']),
    () => node('oxlint', packageScript('oxlint', 'bin', 'oxlint'), '--deny-warnings'),
    () => check('cargo clippy', 'cargo', ['clippy', '--workspace', '--all-targets', '--', '-D', 'warnings']),
    () => audit('dependencies', problemsInDependencies),
    () => audit('features of the addon', problemsInFeatures),
    prepare('src', ensureDist),
    () => audit('package', problemsInPackage),
  ],
  rust: [
    () => countRust('Rust tests', '--workspace'),
    // cargo-nextest does not run these.
    () => check('examples in Rust documentation', 'cargo', ['test', '--workspace', '--doc', '--quiet']),
    () => countRust('what other systems have', '-p', 'shmkit-os', '-p', 'shmkit-object', '--features', LIKE_OTHERS, '--lib', ...OF_OTHERS),
    () => check('torture, short', 'cargo', ['run', '--release', '-p', 'shmkit-torture', '--', '--short']),
    // Only builds it: `npm run models` explores it.
    () => check('the engine under loom builds', 'cargo', ['check', '--locked', '--tests', '--manifest-path', 'models/loom/Cargo.toml'], LOOM),
    () => audit('instruction counts', problemsInCounts),
  ],
  js: [
    prepare('addon', () => builtAhead().then(ensureAddon)),
    () => audit('crash points in the addon', problemsInAddons),
    prepare('src', ensureDist),
    prepare('__test__', ensureSpecs),
    () => node('public types', TSC, '-p', '__test__/types', '--noEmit'),
    () => count('ava', process.execPath, [AVA], countAva),
    () => count('ava, in a second copy', process.execPath, [AVA, ...IN_SECOND_COPY], countAva, SECOND_COPY),
  ],
};

function node(title, ...args) {
  return check(title, process.execPath, args);
}

// A step that builds a part. A part that cannot be built is a failure like any other.
function prepare(title, build) {
  return () =>
    audit(`build ${title}`, async () => {
      try {
        await build();
        return [];
      } catch (error) {
        if (error instanceof SetupError) return [error.message];
        throw error;
      }
    });
}

async function main() {
  const started = performance.now();
  const results = [];
  try {
    checkNode();
    checkRust();
    ensureModules();
    const steps = only ? groups[only] : Object.values(groups).flat();
    if (!steps) throw new SetupError(`--only takes ${Object.keys(groups).join(', ')}`);
    if (!only) buildAhead();
    fs.mkdirSync(path.join(ROOT, 'build'), { recursive: true });
    for (const step of steps) {
      const begun = performance.now();
      const result = await step();
      results.push({ ...result, milliseconds: performance.now() - begun });
    }
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    results.push({ title: 'set-up', passed: 0, failed: 1 });
  }
  report(results, performance.now() - started);
}

function report(results, milliseconds) {
  const failures = results.filter((result) => result.failed > 0);
  for (const { title, lastLines = [] } of failures) process.stdout.write(`\n== the end of ${title}, which failed\n${lastLines.join('\n')}\n`);
  process.stdout.write(`\n== ${results.length} steps in ${seconds(milliseconds)}${longestOf(results)}\n`);
  for (const { title, failed } of failures) process.stdout.write(`failed: ${title} (${failed})\n`);
  const passed = results.reduce((total, result) => total + result.passed, 0);
  const failed = results.reduce((total, result) => total + result.failed, 0);
  const notRun = results.flatMap((result) => result.notRun ?? []);
  for (const [reason, times] of timesOf(notRun)) process.stdout.write(`not run: ${reason} (${times})\n`);
  process.stdout.write(`${passed} passed, ${failed} failed, ${notRun.length} not run\n`);
  process.exitCode = failed > 0 ? 1 : 0;
}

/** Tells which steps took the longest. */
function longestOf(results) {
  const timed = results.filter((result) => result.milliseconds >= SHORT_STEP).toSorted((a, b) => b.milliseconds - a.milliseconds);
  const named = timed.map(({ title, milliseconds }) => `${title} ${seconds(milliseconds)}`);
  return named.length > 0 ? `: ${named.join(', ')}` : '';
}

function seconds(milliseconds) {
  return `${Math.round(milliseconds / 1000)} s`;
}

/** Returns how often each item occurs. */
function timesOf(reasons) {
  const times = new Map();
  for (const reason of reasons) times.set(reason, (times.get(reason) ?? 0) + 1);
  return times;
}

await main();
