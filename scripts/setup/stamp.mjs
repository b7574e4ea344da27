// Knowing whether something built is still that of its inputs: a hash of their names and contents.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from './process.mjs';

// Inside node_modules, so that a fresh installation also forgets every stamp.
const STAMPS = path.join(ROOT, 'node_modules', '.cache', 'shmkit');

/** All files below the given paths (files or folders), in a fixed order, without what builds leave there. */
export function filesBelow(paths) {
  return paths.flatMap((name) => walk(name)).toSorted();
}

function walk(name) {
  const full = path.join(ROOT, name);
  const stat = fs.statSync(full, { throwIfNoEntry: false });
  if (!stat) return [];
  if (!stat.isDirectory()) return [name];
  return fs
    .readdirSync(full)
    .filter((entry) => entry !== 'target' && entry !== 'node_modules')
    .flatMap((entry) => walk(path.posix.join(name, entry)));
}

/** A hash over the names and contents of the files below the given paths, and over `extra`. */
export function hashOf(paths, extra = '') {
  const hash = createHash('sha256').update(extra);
  for (const name of filesBelow(paths)) {
    hash.update(`\0${name}\0`).update(fs.readFileSync(path.join(ROOT, name)));
  }
  return hash.digest('hex');
}

/** True if `what` was last built from inputs of this hash. */
export function isFresh(what, hash) {
  try {
    return fs.readFileSync(path.join(STAMPS, what), 'utf8') === hash;
  } catch {
    return false;
  }
}

/** Records that `what` is now built from inputs of this hash. */
export function stamp(what, hash) {
  fs.mkdirSync(STAMPS, { recursive: true });
  fs.writeFileSync(path.join(STAMPS, what), hash);
}
