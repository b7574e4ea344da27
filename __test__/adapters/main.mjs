// Runs the adapters against real frameworks, and against their own suites for stores: npm run test:adapters.
// The frameworks are installed here, and beside them shmkit as npm would pack it.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { ensurePackage } from '../../scripts/setup/build.mjs';
import { explaining } from '../../scripts/setup/process.mjs';
import { installPeers, installShmkit } from './packed.mjs';

const HERE = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
const STEPS = {
  'keyv suite': [path.join('node_modules', 'vitest', 'vitest.mjs'), 'run', '--root', '.', 'suites/keyv.test.mjs'],
  'bentocache suite': ['suites/bentocache.mjs'],
  'real servers': ['--test', 'suites/servers.test.mjs'],
  'several processes': ['--test', 'suites/processes.test.mjs'],
};

await explaining(() => {
  ensurePackage();
  installPeers(HERE);
  installShmkit(path.join(HERE, 'node_modules'));
  const isPassed = (args) => spawnSync(process.execPath, args, { cwd: HERE, stdio: 'inherit' }).status === 0;
  const failed = Object.entries(STEPS).flatMap(([title, args]) => (isPassed(args) ? [] : [title]));
  process.stdout.write(failed.length === 0 ? 'all adapters passed\n' : `FAILED: ${failed.join(', ')}\n`);
  process.exitCode = failed.length === 0 ? 0 : 1;
});
