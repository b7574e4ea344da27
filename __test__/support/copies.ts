// Further copies of the package's JavaScript in one process, as after a cleared module cache.
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

export type Package = typeof import('shmkit');

export const ROOT = path.join(__dirname, '..', '..', '..');
/** The addon that was built here. */
export const ADDON = path.join(ROOT, readdirSync(ROOT).find((name) => /^shmkit\..*\.node$/.test(name)) as string);

/** Evaluates the package once more, over the same addon unless that is to be loaded again, too. Nothing refers to the copy but the result. */
export function evaluateCopy({ reloadsAddon = false } = {}): Package {
  // A module keeps what it has loaded, so each copy is loaded by one of its own.
  const load = createRequire(path.join(ROOT, 'index.js'));
  const kept = new Map(Object.entries(load.cache));
  for (const file of kept.keys()) {
    if (isOurs(file) && (reloadsAddon || !file.endsWith('.node'))) delete load.cache[file];
  }
  try {
    return load('./index.js') as Package;
  } finally {
    for (const file of Object.keys(load.cache)) if (isOurs(file)) delete load.cache[file];
    for (const [file, loaded] of kept) load.cache[file] = loaded;
  }
}

function isOurs(file: string): boolean {
  return file === path.join(ROOT, 'index.js') || file.startsWith(path.join(ROOT, 'dist')) || file === ADDON;
}
