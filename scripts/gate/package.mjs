// Runs two linters on the package as npm would publish it: publint, and "are the types wrong?".
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { platforms } from '../platforms/folders.mjs';
import { packRoot } from '../release/pack.mjs';
import { packageScript, ROOT } from '../setup/process.mjs';

const LINTERS = {
  publint: [packageScript('publint', 'src', 'cli.js'), 'run', '--strict'],
  attw: [packageScript('@arethetypeswrong', 'cli', 'dist', 'index.js'), '--no-definitely-typed', '--no-emoji', '--format', 'ascii'],
};

/** Returns one line per linter that objects; it has then printed its objections. `dist` must be up to date. */
export function problemsInPackage() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shmkit-package-'));
  try {
    const { file } = packRoot(platforms(), folder);
    return Object.entries(LINTERS).flatMap(([name, command]) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [...command, file], { cwd: ROOT, encoding: 'utf8' });
      process.stdout.write(`${stdout}${stderr}`);
      return status === 0 ? [] : [`${name} objects to the package`];
    });
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
