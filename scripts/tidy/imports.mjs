// Checks that imports in src point down the layers, and that kinds of named objects do not import one another.
import path from 'node:path';
import { ourFiles, textOf } from './tree.mjs';

const BASE = ['addon', 'arguments', 'object'];

/** The folders of src, each with the folders that it may import from. */
const FOLDERS = {
  addon: [],
  arguments: ['addon'],
  object: ['addon', 'arguments'],
  files: BASE,
  dict: BASE,
  locks: BASE,
  mutex: BASE,
  ring: BASE,
  // Its cursor is that of memory files.
  segment: [...BASE, 'files'],
  semaphore: BASE,
};
/** Types that every folder may import. */
const SHARED = 'types.ts';
const IMPORT = /(?:\bfrom|\bimport\(|\brequire\()\s*'(\.[^']*)'/g;

export function problemsInImports() {
  return ourFiles()
    .filter((name) => name.startsWith('src/') && name.endsWith('.ts'))
    .flatMap((name) => problemsInFile(name, textOf(name)));
}

/** Returns one line for each import of a file that the layers forbid. Files directly in src may import everything. */
export function problemsInFile(name, text) {
  const folder = folderOf(name);
  if (folder === undefined) return [];
  const allowed = FOLDERS[folder];
  if (!allowed) return [`${name}: scripts/tidy/imports.mjs does not say what src/${folder} may import`];
  return [...text.matchAll(IMPORT)]
    .map(([, target]) => path.posix.join(path.posix.dirname(name), target).replace(/\.js$/, '.ts'))
    .filter((target) => target.startsWith('src/') && target !== `src/${SHARED}`)
    .filter((target) => folderOf(target) !== folder && !allowed.includes(folderOf(target)))
    .map((target) => `${name}: must not import ${target}`);
}

function folderOf(name) {
  return /^src\/([^/]+)\//.exec(name)?.[1];
}
