// Runs a mixed load with kills and stops: `npm run soak -- --minutes 10`; `--help` prints all options.
import { spawnSync } from 'node:child_process';
import { ensurePackage, ensureSpecs } from './setup/build.mjs';
import { explaining, ROOT } from './setup/process.mjs';

explaining(() => {
  ensurePackage();
  ensureSpecs();
  const result = spawnSync(process.execPath, ['build/test/soak/main.js', ...process.argv.slice(2)], { cwd: ROOT, stdio: 'inherit' });
  process.exitCode = result.status ?? 1;
});
