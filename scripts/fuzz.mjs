// Coverage-guided fuzzing of the engine under AddressSanitizer, with two targets: damaged images, and a peer that
// scribbles over the memory. The corpus stays in build/fuzz. The exit code is 0 if nothing was found.
//   node scripts/fuzz.mjs [--minutes 10] [--only image|scribble]
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { explaining, outputOf, ROOT, run, say, SetupError } from './setup/process.mjs';

const TARGET = path.join(process.env.CARGO_TARGET_DIR ?? path.join(ROOT, 'target'), 'fuzz');
const TARGETS = ['image', 'scribble'];
const { minutes, only } = parseArgs({ options: { minutes: { type: 'string', default: '10' }, only: { type: 'string' } } }).values;

// The coverage that libFuzzer needs, as `cargo fuzz` sets it. RUSTC_BOOTSTRAP lets stable Rust accept -Z.
const FLAGS = [
  '-Cpasses=sancov-module',
  '-Cllvm-args=-sanitizer-coverage-level=4',
  '-Cllvm-args=-sanitizer-coverage-inline-8bit-counters',
  '-Cllvm-args=-sanitizer-coverage-pc-table',
  '-Cllvm-args=-sanitizer-coverage-trace-compares',
  '-Zsanitizer=address',
  '-Cunsafe-allow-abi-mismatch=sanitizer',
];

explaining(() => {
  const seconds = Number(minutes) * 60;
  if (!(seconds > 0)) throw new SetupError('--minutes takes a number');
  if (only && !TARGETS.includes(only)) throw new SetupError(`--only takes ${TARGETS.join(', ')}`);
  const host = /^host: (.*)$/m.exec(outputOf('rustc', ['-vV']) ?? '')?.[1];
  if (!host) throw new SetupError('rustc was not found');
  run('cargo', ['build', '--release', '--locked', '--manifest-path', 'fuzz/Cargo.toml', '--target', host], {
    env: { ...process.env, CARGO_TARGET_DIR: TARGET, RUSTC_BOOTSTRAP: '1', RUSTFLAGS: FLAGS.join(' ') },
  });
  const targets = only ? [only] : TARGETS;
  const share = Math.ceil(seconds / targets.length);
  const found = targets.filter((name) => finds(() => fuzz(path.join(TARGET, host, 'release', name), name, share)));
  say(`fuzz: ${targets.join(' and ')}, ${minutes} minutes, ${found.length} violations`);
  if (found.length > 0) process.exitCode = 1;
});

/** Returns whether the fuzzer found something: it then prints a report, names the input that reproduces it, and exits with an error. */
function finds(fuzzing) {
  try {
    fuzzing();
    return false;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    return true;
  }
}

function fuzz(program, name, seconds) {
  const folder = path.join(ROOT, 'build/fuzz', name);
  fs.mkdirSync(path.join(folder, 'corpus'), { recursive: true });
  // Leaks come from the fuzzer itself: a call that panics does not free what it holds.
  run(program, [
    path.join(folder, 'corpus'),
    `-artifact_prefix=${folder}/`,
    `-max_total_time=${seconds}`,
    '-timeout=20',
    '-max_len=1024',
    '-len_control=0',
    '-detect_leaks=0',
    '-print_final_stats=1',
    '-print_funcs=0',
  ], { env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' } });
}
