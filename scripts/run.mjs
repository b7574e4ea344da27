// Runs a program of this repository after setting everything up: `node scripts/run.mjs bench/main.mjs [arguments]`.
import { spawnSync } from 'node:child_process';
import { ensureAddon, ensureDist, ensureFloor, ensureModules } from './setup/build.mjs';
import { ROOT, say, SetupError } from './setup/process.mjs';
import { checkNode } from './setup/toolchain.mjs';

const [program, ...args] = process.argv.slice(2);

try {
  checkNode();
  ensureModules();
  ensureAddon();
  ensureDist();
  if (program.startsWith('bench/')) ensureFloor();
  const result = spawnSync(process.execPath, ['--expose-gc', program, ...args], { cwd: ROOT, stdio: 'inherit' });
  process.exitCode = result.status ?? 1;
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  say(error.message);
  process.exitCode = 1;
}
