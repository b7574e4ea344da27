// Which folder of src may import which. A kind of objects, or anything else that is not listed here, stands on `object`,
// `addon` and `arguments`, and never on another kind. The command line and the adapters use the public API only, as other
// programs do.
import path from 'node:path';
import { ourFiles, textOf } from './tree.mjs';

/** What a folder may import beside itself. */
const BASE = {
  addon: [],
  arguments: ['addon'],
  object: ['addon', 'arguments'],
};
/** Folders that import nothing of src, and that nothing of src imports but the exceptions, with the packages that each may import. */
const OUTSIDE = new Map([
  ['records', /^node:util$/],
  ['cli', /^(?:node:[\w/]+|shmkit|commander)$/],
  ['inspect', /^(?:node:[\w/]+|shmkit|preact(?:\/hooks)?|htm\/preact|uplot)$/],
  ['adapters', /^(?:node:[\w/]+|shmkit|express-session|prom-client|rate-limiter-flexible(?:\/lib\/RateLimiterStoreAbstract\.js)?|socket\.io-adapter)$/],
  ['valkey', /^(?:node:[\w/]+|shmkit(?:\/valkey)?|redis)$/],
]);
/** Which of them may import another one: the inspector shows what the command line prints. */
const STANDS_ON = new Map([['inspect', ['cli']]]);
/** How values become bytes and come back, which channels and queues store as dictionaries do. */
const VALUES = new Set(['call-frame', 'codecs', 'value-kinds', 'value-options', 'values'].map((name) => `src/dict/${name}.ts`));
const WITH_VALUES = new Set(['channel', 'queue']);
const KIND = ['addon', 'arguments', 'object'];
/** Files at the top that go over all kinds. */
const ABOVE_KINDS = new Set(['src/index.ts', 'src/kinds.ts']);
/** Types of the public API that several folders share. */
const SHARED_TYPES = 'src/types.ts';
/** A segment gives a cursor over its memory, as a map does. */
const EXCEPTIONS = new Set([
  'src/segment/shared-segment.ts -> src/files/memory-file.ts',
  // Types, and the file that the bundler makes of the folder.
  'src/dict/records.ts -> src/records/index.ts',
  'src/dict/records.ts -> src/plain-data.ts',
]);

const IMPORT = /\b(?:from|import|require)\s*\(?\s*'(\.[^']*)\.js'/g;
const IMPORT_OUTSIDE = /\b(?:from|import|require)\s*\(?\s*['"`]([^'"`]*)['"`]/g;

export function problemsInImports() {
  return [...insideSrc(), ...problemsOutside(ourFiles())];
}

function insideSrc() {
  return ourFiles()
    .filter((file) => file.startsWith('src/') && file.endsWith('.ts') && !ABOVE_KINDS.has(file))
    .flatMap((file) => importsOf(file).filter((imported) => !mayImport(file, imported)).map((imported) => `${file}: must not import ${imported}`));
}

function problemsOutside(files) {
  return files.filter((file) => OUTSIDE.has(folderOf(file)) && file.startsWith('src/') && file.endsWith('.ts')).flatMap((file) => importsOutside(file, textOf(file)));
}

/** Returns one line for each import of a file of such a folder that leaves the folder, except the public API. */
export function importsOutside(file, text) {
  const folder = folderOf(file);
  const mayLeave = (target) => OUTSIDE.get(folder)?.test(target) ?? false;
  const folders = [folder, ...(STANDS_ON.get(folder) ?? [])];
  const isInside = (target) => folders.some((inside) => path.posix.join(path.posix.dirname(file), target).startsWith(`src/${inside}/`));
  return [...text.matchAll(IMPORT_OUTSIDE)]
    .map(([, target]) => target)
    .filter((target) => (target.startsWith('.') ? !isInside(target) : !mayLeave(target)))
    .map((target) => `${file}: must not import ${target}: src/${folder} uses the public API only`);
}

function importsOf(file) {
  return [...textOf(file).matchAll(IMPORT)].map(([, target]) => `${path.posix.join(path.posix.dirname(file), target)}.ts`);
}

function mayImport(file, imported) {
  if (OUTSIDE.has(folderOf(file))) return [folderOf(file), ...(STANDS_ON.get(folderOf(file)) ?? [])].includes(folderOf(imported));
  if (imported === SHARED_TYPES || EXCEPTIONS.has(`${file} -> ${imported}`)) return true;
  if (OUTSIDE.has(folderOf(imported))) return false;
  const [from, to] = [folderOf(file), folderOf(imported)];
  if (VALUES.has(imported) && WITH_VALUES.has(from)) return true;
  return from === to || (from !== undefined && (BASE[from] ?? KIND).includes(to));
}

/** Undefined for a file at the top. */
function folderOf(file) {
  const [, folder, rest] = file.split('/');
  return rest === undefined ? undefined : folder;
}
