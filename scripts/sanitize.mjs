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

/** `tests`: parts of the names of tests, which start with their crate and their program. */
const sanitizers = {
  // Leaks are not reported: a process that "dies" in a test frees nothing.
  address: { tests: /hostile|behaviour|lists|full|race/, options: { ASAN_OPTIONS: 'detect_leaks=0' } },
  thread: {
    tests: /race|scribbl|waiter/,
    options: { TSAN_OPTIONS: `suppressions=${path.join(ROOT, 'scripts/sanitize/thread.supp')} halt_on_error=1` },
  },
};
const CRATES = ['shmkit-object', 'shmkit-dict', 'shmkit-primitives'].flatMap((name) => ['-p', name]);

function host() {
  const line = /^host: (.*)$/m.exec(outputOf('rustc', ['-vV']) ?? '');
  if (!line) throw new SetupError('rustc was not found');
  return line[1];
}

/** Builds the tests with a sanitizer and returns `{ name, file, cwd }` of each test program. */
function build(name) {
  say(`building the tests with ${name === 'address' ? 'AddressSanitizer' : 'ThreadSanitizer'}`);
  // Copies go word by word, because sanitizers cannot see into assembly.
  // An explicit target keeps the sanitizer out of build scripts and macros.
  const args = ['test', ...CRATES, '--lib', '--test', 'waiter', '--features', 'shmkit-object/word-copies', '--target', host(), '--no-run'];
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
  const messages = stdout.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  return messages.filter(({ executable }) => executable).map(({ executable, target, manifest_path: manifest }) => {
    const cwd = path.dirname(manifest);
    return { name: target.kind.includes('lib') ? path.basename(cwd) : `${path.basename(cwd)}::${target.name}`, file: executable, cwd };
  });
}

/** Returns `{ name, run }` of each test that a sanitizer is for. */
function testsFor({ tests, options }, programs) {
  const env = { ...process.env, ...options, SHMKIT_TEST_SHARE: share };
  return programs.flatMap(({ name, file, cwd }) => {
    const start = (...args) => spawnSync(file, args, { cwd, env, encoding: 'utf8', timeout: MINUTES * 60_000, maxBuffer: 2 ** 28 });
    const titles = [...start('--list', '--format', 'terse').stdout.matchAll(/^(.*): test$/gm)].map(([, title]) => title);
    return titles
      .map((title) => ({ name: `${name}::${title}`, run: () => start('--exact', title, '--nocapture', '--test-threads=1') }))
      .filter((test) => tests.test(test.name));
  });
}

/** Runs the tests of a sanitizer one by one and returns how many ran and how many failed. */
function sanitize(name) {
  const chosen = testsFor(sanitizers[name], build(name));
  if (chosen.length === 0) throw new SetupError(`no test has a name like ${sanitizers[name].tests}`);
  let failed = 0;
  for (const [index, test] of chosen.entries()) {
    const started = performance.now();
    const { status, error, stdout, stderr } = test.run();
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const verdict = status === 0 ? 'ok' : error?.code === 'ETIMEDOUT' ? `NOT DONE after ${MINUTES} minutes` : 'FAILED';
    say(`${name}, ${index + 1} of ${chosen.length}: ${test.name}: ${verdict}, ${seconds} s`);
    if (status === 0) continue;
    failed += 1;
    process.stdout.write(`${stdout}${stderr}\n`);
  }
  return { ran: chosen.length, failed };
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
