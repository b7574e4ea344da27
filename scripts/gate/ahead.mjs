// Builds what later steps of the gate run, with the processor time that earlier ones leave. An optimised build is linked by one
// core for a minute, and there are three. The steps build again, which takes no time then, and report what fails.
//   node scripts/gate/ahead.mjs
import { spawn } from 'node:child_process';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { buildGauge } from '../guard/counts.mjs';
import { ensureAddon } from '../setup/build.mjs';
import { outputOf, ROOT } from '../setup/process.mjs';

const FILE = fileURLToPath(import.meta.url);

/** Starts the builds, in a process of their own that everything else goes before. */
export function buildAhead() {
  spawn(process.execPath, [FILE], { cwd: ROOT, stdio: 'ignore' }).on('error', () => {});
}

async function main() {
  os.setPriority(os.constants.priority.PRIORITY_BELOW_NORMAL);
  outputOf('cargo', ['build', '--release', '-p', 'shmkit-torture']);
  await buildGauge();
  ensureAddon();
}

if (process.argv[1] === FILE) await main();
