// The Electron to test with, and a copy of it that starts our application.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { ROOT } from '../../scripts/setup/process.mjs';

/** Returns the path of the binary: ELECTRON_PATH, or that of an installed package `electron`; undefined if there is none. */
export function findElectron() {
  if (process.env.ELECTRON_PATH) return fs.realpathSync(process.env.ELECTRON_PATH);
  try {
    return createRequire(path.join(ROOT, 'package.json'))('electron');
  } catch {
    return undefined;
  }
}

/** Copies the runtime, by links where the file system allows; returns `{ binary, resources }` of the copy. */
export function copyRuntime(electron, target) {
  const source = path.dirname(electron);
  for (const name of fs.readdirSync(source, { recursive: true })) {
    if (fs.statSync(path.join(source, name)).isDirectory()) fs.mkdirSync(path.join(target, name), { recursive: true });
    else linkOrCopy(path.join(source, name), path.join(target, name));
  }
  const resources = path.join(target, 'resources');
  // Without Electron's own default application, the one in resources starts.
  for (const name of ['default_app.asar', 'app', 'app.asar']) fs.rmSync(path.join(resources, name), { recursive: true, force: true });
  return { binary: path.join(target, path.basename(electron)), resources };
}

function linkOrCopy(from, to) {
  fs.mkdirSync(path.dirname(to), { recursive: true });
  try {
    fs.linkSync(from, to);
  } catch (error) {
    if (error.code !== 'EXDEV' && error.code !== 'EPERM') throw error;
    fs.copyFileSync(from, to);
  }
}
