// shmkit as npm would install it, with the addon that was built here.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { platforms } from '../../scripts/platforms/folders.mjs';
import { packRoot } from '../../scripts/release/pack.mjs';
import { npm } from '../../scripts/setup/build.mjs';
import { ROOT, SetupError } from '../../scripts/setup/process.mjs';

/** Unpacks the package as it would be published into each of these `node_modules`. */
export function installShmkit(...folders) {
  const packed = fs.mkdtempSync(path.join(os.tmpdir(), 'shmkit-packed-'));
  try {
    const { file } = packRoot(platforms(), packed);
    for (const folder of folders) unpack(path.resolve(packed, file), path.join(folder, 'shmkit'));
  } finally {
    fs.rmSync(packed, { recursive: true, force: true });
  }
}

function unpack(file, target) {
  fs.rmSync(target, { recursive: true, force: true });
  fs.mkdirSync(target, { recursive: true });
  if (spawnSync('tar', ['-xzf', file, '--strip-components=1', '-C', target], { stdio: 'inherit' }).status !== 0) throw new SetupError(`cannot unpack ${file}`);
  for (const addon of fs.readdirSync(ROOT).filter((name) => name.endsWith('.node'))) fs.copyFileSync(path.join(ROOT, addon), path.join(target, addon));
}

/** Installs what the package.json of a folder names, unless that is what is installed. */
export function installPeers(folder) {
  const wanted = fs.readFileSync(path.join(folder, 'package.json'), 'utf8');
  const stamp = path.join(folder, 'node_modules', '.installed-for');
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === wanted) return;
  const options = ['--ignore-scripts', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel', 'error'];
  if (spawnSync(npm, ['install', ...options], { cwd: folder, stdio: 'inherit', shell: process.platform === 'win32' }).status !== 0) {
    throw new SetupError(`npm could not install the packages of ${folder}`);
  }
  fs.writeFileSync(stamp, wanted);
}
