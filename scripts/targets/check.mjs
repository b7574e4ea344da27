// Type-checks the engine and the addon for every supported system, with clippy where it is installed.
//   node scripts/targets/check.mjs [--some] [target ...]
// Nothing is linked or run. Lints only warn, because the Rust used here may be newer than the gate's. A target that this
// machine cannot check is a failure, unless --some allows it.
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { explaining, ROOT, say, SetupError } from '../setup/process.mjs';
import { libnodeFor } from './libnode.mjs';
import { adviceFor, rustFor } from './rust.mjs';

export const TARGETS = [
  'aarch64-apple-darwin',
  'x86_64-apple-darwin',
  'x86_64-pc-windows-msvc',
  'aarch64-pc-windows-msvc',
  'x86_64-pc-windows-gnu',
  'x86_64-unknown-freebsd',
  'x86_64-unknown-linux-musl',
  'aarch64-unknown-linux-gnu',
  'aarch64-unknown-linux-musl',
];
const CRATES = ['shmkit-os', 'shmkit-object', 'shmkit-dict', 'shmkit-primitives', 'shmkit-node'].flatMap((name) => ['-p', name]);

function check(target) {
  const rust = rustFor(target);
  if (!rust) return { target, missing: adviceFor(target) };
  const command = rust.hasClippy ? 'clippy' : 'check';
  say(`${target}: cargo ${command} of ${rust.version}, ${rust.how}`);
  const args = [command, '--quiet', '--locked', ...rust.flags, '--target', target, ...CRATES];
  const folder = process.env.CARGO_TARGET_DIR ?? path.join(ROOT, 'target');
  const env = { ...rust.env, CARGO_TARGET_DIR: path.join(folder, 'targets'), ...libnodeFor(target) };
  const { status } = spawnSync(rust.cargo, args, { cwd: ROOT, stdio: 'inherit', env });
  return { target, failed: status !== 0 };
}

explaining(() => {
  const { values, positionals } = parseArgs({ options: { some: { type: 'boolean' } }, allowPositionals: true });
  const results = (positionals.length > 0 ? positionals : TARGETS).map((target) => check(target));
  for (const { target, missing, failed } of results) {
    if (missing) say(`${target}: NOT CHECKED: ${missing}`);
    else say(`${target}: ${failed ? 'FAILED' : 'ok'}`);
  }
  const bad = results.filter(({ missing, failed }) => failed || (missing && !values.some));
  if (bad.length > 0) throw new SetupError(`${bad.length} of ${results.length} targets failed or were not checked`);
});
