// Builds what later steps of the gate run, with the processor time that earlier ones leave. An optimised build is linked by one
// core for a minute, and there are three. The steps build again, which takes no time then, and report what fails. One that replaces
// a file waits for the end of this program first: a file that tests have loaded must not be written again.
//   node scripts/gate/ahead.mjs
import { spawn } from 'node:child_process';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { buildGauge } from '../guard/counts.mjs';
import { ensureAddon } from '../setup/build.mjs';
import { outputOf, ROOT } from '../setup/process.mjs';

const FILE = fileURLToPath(import.meta.url);

let ended = Promise.resolve();

/** Starts the builds, in a process of their own that everything else goes before. */
export function buildAhead() {
  const child = spawn(process.execPath, [FILE], { cwd: ROOT, stdio: 'ignore' });
  ended = new Promise((resolve) => child.on('close', resolve).on('error', resolve));
}

/** Waits until the builds have ended, if they were started. */
export async function builtAhead() {
  await ended;
}

async function main() {
  os.setPriority(os.constants.priority.PRIORITY_BELOW_NORMAL);
  outputOf('cargo', ['build', '--release', '-p', 'shmkit-torture']);
  await buildGauge();
  ensureAddon();
}

if (process.argv[1] === FILE) await main();
