// Records which inputs something was built from, as a hash of their names and contents, to know when it is stale.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from './process.mjs';

// Inside node_modules, so that a fresh installation also deletes every stamp.
const STAMPS = path.join(ROOT, 'node_modules', '.cache', 'shmkit');

/** Returns all files under the given paths (files or folders), in a fixed order, without build output. */
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

/** Returns a hash over the names and contents of the files under the given paths, and over `extra`. */
export function hashOf(paths, extra = '') {
  const hash = createHash('sha256').update(extra);
  for (const name of filesBelow(paths)) {
    hash.update(`\0${name}\0`).update(fs.readFileSync(path.join(ROOT, name)));
  }
  return hash.digest('hex');
}

/** Returns whether `what` was last built from inputs with this hash. */
export function isFresh(what, hash) {
  try {
    return fs.readFileSync(path.join(STAMPS, what), 'utf8') === hash;
  } catch {
    return false;
  }
}

/** Records that `what` is now built from inputs with this hash. */
export function stamp(what, hash) {
  fs.mkdirSync(STAMPS, { recursive: true });
  fs.writeFileSync(path.join(STAMPS, what), hash);
}
