// Runs the engine's tests under AddressSanitizer, and those with several threads under ThreadSanitizer, one at a time.
// Stable Rust includes the runtimes of both sanitizers; RUSTC_BOOTSTRAP lets it accept the flag. The standard library is
// not rebuilt with the sanitizers; scripts/sanitize/thread.supp lists the consequences.
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { explaining, outputOf, ROOT, say, SetupError } from './setup/process.mjs';

/** One share of the damaged images takes a minute or two, all of them take half an hour. */
const SHARES = 16;

const HELP = `npm run sanitize -- [--only address|thread] [--share K/N]

  --only   runs one of the two sanitizers
  --share  tries share K of N of the damaged images, counted from 0 (default: one of ${SHARES}, at random; 0/1 is all)

Prints each test with its time. The last line counts the failed ones.`;

const TARGET = process.env.CARGO_TARGET_DIR ?? path.join(ROOT, 'target');
/** Limit for one test. The longest, with all images, takes a fraction of it even on a busy machine. */
const MINUTES = 60;

const { only, share, help } = parseArgs({
  options: { only: { type: 'string' }, share: { type: 'string', default: `${randomInt(SHARES)}/${SHARES}` }, help: { type: 'boolean' } },
}).values;

const sanitizers = {
  // Leaks are not reported: a process that "dies" in a test frees nothing.
  address: { tests: ['hostile', 'behaviour', 'lists', 'full', 'race'], options: { ASAN_OPTIONS: 'detect_leaks=0' } },
  thread: {
    tests: ['race', 'scribbl', 'waiter'],
    options: { TSAN_OPTIONS: `suppressions=${path.join(ROOT, 'scripts/sanitize/thread.supp')} halt_on_error=1` },
  },
};

function host() {
  const line = /^host: (.*)$/m.exec(outputOf('rustc', ['-vV']) ?? '');
  if (!line) throw new SetupError('rustc was not found');
  return line[1];
}

/** Builds the tests with a sanitizer and returns the programs. */
function build(name) {
  say(`building the tests with ${name === 'address' ? 'AddressSanitizer' : 'ThreadSanitizer'}`);
  // Copies go word by word, because sanitizers cannot see into assembly.
  // An explicit target keeps the sanitizer out of build scripts and macros.
  const args = ['test', '-p', 'shmkit-dict', '--lib', '--features', 'word-copies', '--target', host(), '--no-run'];
  const { stdout, status } = spawnSync('cargo', [...args, '--message-format', 'json-render-diagnostics'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      CARGO_TARGET_DIR: path.join(TARGET, name),
      RUSTC_BOOTSTRAP: '1',
      RUSTFLAGS: `-Zsanitizer=${name} -Cunsafe-allow-abi-mismatch=sanitizer`,
    },
  });
  if (status !== 0) throw new SetupError(`the tests could not be built with the ${name} sanitizer`);
  const programs = stdout.split('\n').flatMap((line) => (line.startsWith('{') ? (JSON.parse(line).executable ?? []) : []));
  return programs.at(-1);
}

function runnerOf(program, options) {
  // A test that looks for a file of the sources is run where cargo would run it.
  const cwd = path.join(ROOT, 'crates/dict');
  const env = { ...process.env, ...options, SHMKIT_TEST_SHARE: share };
  return (...args) => spawnSync(program, args, { cwd, env, encoding: 'utf8', timeout: MINUTES * 60_000, maxBuffer: 2 ** 28 });
}

/** Runs the tests of a sanitizer one by one and returns how many ran and how many failed. */
function sanitize(name) {
  const { tests, options } = sanitizers[name];
  const run = runnerOf(build(name), options);
  const listed = run('--list', '--format', 'terse', ...tests).stdout;
  const titles = [...listed.matchAll(/^(.*): test$/gm)].map(([, title]) => title);
  if (titles.length === 0) throw new SetupError(`there are no tests called ${tests.join(', ')}`);
  let failed = 0;
  for (const [index, title] of titles.entries()) {
    const started = performance.now();
    const { status, error, stdout, stderr } = run('--exact', title, '--nocapture', '--test-threads=1');
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const verdict = status === 0 ? 'ok' : error?.code === 'ETIMEDOUT' ? `NOT DONE after ${MINUTES} minutes` : 'FAILED';
    say(`${name}, ${index + 1} of ${titles.length}: ${title}: ${verdict}, ${seconds} s`);
    if (status === 0) continue;
    failed += 1;
    process.stdout.write(`${stdout}${stderr}\n`);
  }
  return { ran: titles.length, failed };
}

function main() {
  if (help) {
    console.log(HELP);
    return;
  }
  if (only && !sanitizers[only]) throw new SetupError(`--only takes ${Object.keys(sanitizers).join(', ')}`);
  if (!/^\d+\/\d+$/.test(share)) throw new SetupError('--share is like 3/16');
  say(`share ${share} of the damaged images`);
  const results = (only ? [only] : Object.keys(sanitizers)).map(sanitize);
  const [ran, failed] = ['ran', 'failed'].map((what) => results.reduce((total, result) => total + result[what], 0));
  say(`sanitizers: ${ran} tests, ${failed} violations`);
  if (failed > 0) process.exitCode = 1;
}

explaining(main);
