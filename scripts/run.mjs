// Builds what is missing or stale, then runs a program of this repository: `node scripts/run.mjs bench/main.mjs [arguments]`.
import { spawnSync } from 'node:child_process';
import { ensureFloor, ensurePackage } from './setup/build.mjs';
import { explaining, ROOT } from './setup/process.mjs';

const [program, ...args] = process.argv.slice(2);

explaining(() => {
  ensurePackage();
  if (program.startsWith('bench/')) ensureFloor();
  const result = spawnSync(process.execPath, ['--expose-gc', program, ...args], { cwd: ROOT, stdio: 'inherit' });
  process.exitCode = result.status ?? 1;
});
