// The engine's tests under AddressSanitizer, and those with several threads under ThreadSanitizer.
//   node scripts/sanitize.mjs [--only address|thread]
// Stable Rust brings both sanitizers' runtimes; RUSTC_BOOTSTRAP lets it take the flag. The standard library is
// used as it comes, not rebuilt: what that costs is in scripts/sanitize/thread.supp.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { explaining, outputOf, ROOT, run, SetupError } from './setup/process.mjs';

const TARGET = process.env.CARGO_TARGET_DIR ?? path.join(ROOT, 'target');
const { only } = parseArgs({ options: { only: { type: 'string' } } }).values;

const runs = {
  // Without leaks: a process that "died" in a test gives nothing back.
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

function sanitize(name) {
  const { tests, options } = runs[name];
  // Copies by words: a sanitizer cannot look into assembly.
  // A target of its own, so that the sanitizer stays out of build scripts and macros.
  const features = ['--features', 'word-copies', '--target', host()];
  run('cargo', ['test', '-p', 'shmkit-core', '--lib', ...features, '--', '--test-threads=1', '--nocapture', ...tests], {
    env: {
      ...process.env,
      ...options,
      CARGO_TARGET_DIR: path.join(TARGET, name),
      RUSTC_BOOTSTRAP: '1',
      RUSTFLAGS: `-Zsanitizer=${name} -Cunsafe-allow-abi-mismatch=sanitizer`,
    },
  });
}

explaining(() => {
  if (only && !runs[only]) throw new SetupError(`--only takes ${Object.keys(runs).join(', ')}`);
  for (const name of only ? [only] : Object.keys(runs)) sanitize(name);
});
