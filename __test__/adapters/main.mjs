// Runs the adapters against real frameworks, and against their own suites for stores: npm run test:adapters.
// The frameworks are installed here, and beside them shmkit as npm would pack it.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { platforms } from '../../scripts/platforms/folders.mjs';
import { packRoot } from '../../scripts/release/pack.mjs';
import { ensurePackage, npm } from '../../scripts/setup/build.mjs';
import { ROOT } from '../../scripts/setup/process.mjs';

const HERE = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
const STEPS = {
  'keyv suite': [path.join('node_modules', 'vitest', 'vitest.mjs'), 'run', '--root', '.', 'suites/keyv.test.mjs'],
  'bentocache suite': ['suites/bentocache.mjs'],
  'real servers': ['--test', 'suites/servers.test.mjs'],
  'several processes': ['--test', 'suites/processes.test.mjs'],
};

function run(command, args, cwd = HERE) {
  return spawnSync(command, args, { cwd, stdio: 'inherit' }).status === 0;
}

/** Puts the packed package, with the addon that was built here, where the suites find it. */
function installShmkit() {
  const target = path.join(HERE, 'node_modules', 'shmkit');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shmkit-adapters-'));
  try {
    const { file } = packRoot(platforms(), folder);
    fs.rmSync(target, { recursive: true, force: true });
    fs.mkdirSync(target, { recursive: true });
    if (!run('tar', ['-xzf', path.resolve(folder, file), '--strip-components=1', '-C', target])) throw new Error(`cannot unpack ${file}`);
    for (const addon of fs.readdirSync(ROOT).filter((name) => name.endsWith('.node'))) fs.copyFileSync(path.join(ROOT, addon), path.join(target, addon));
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

ensurePackage();
if (!run(npm, ['install', '--ignore-scripts', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel', 'error'])) process.exit(1);
installShmkit();
const failed = Object.entries(STEPS).flatMap(([title, args]) => (run(process.execPath, args) ? [] : [title]));
process.stdout.write(failed.length === 0 ? 'all adapters passed\n' : `FAILED: ${failed.join(', ')}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
