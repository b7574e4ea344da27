// Finds the version of Node-API that a binary requires, in any file format.
// The addon looks up its functions by name at run time, so the names are in its data and not in a symbol table.
import { createRequire } from 'node:module';

/** Loaded at the first use: the gate imports this module before it has installed packages. */
function symbolsKnown() {
  return createRequire(import.meta.url)('node-api-headers').symbols;
}

/** Returns the names in `bytes` of functions that are newer than a version of Node-API. */
export function functionsAfter(newest, bytes) {
  const old = new Set(namesUpTo(newest));
  return namesUpTo(Infinity).filter((name) => !old.has(name) && bytes.includes(name));
}

/** Returns the newest version of Node-API that added a function named in `bytes`; 0 if there is none. */
export function newestVersionIn(bytes) {
  const versions = versionsKnown().filter((version) => addedIn(version).some((name) => bytes.includes(name)));
  return Math.max(0, ...versions);
}

function addedIn(version) {
  const before = new Set(namesUpTo(version - 1));
  return namesOf(`v${version}`).filter((name) => !before.has(name));
}

function versionsKnown() {
  return Object.keys(symbolsKnown())
    .map((key) => /^v(\d+)$/.exec(key)?.[1])
    .filter((version) => version !== undefined)
    .map(Number);
}

function namesUpTo(newest) {
  const versions = versionsKnown().filter((version) => version <= newest);
  return [...new Set(versions.flatMap((version) => namesOf(`v${version}`)))];
}

function namesOf(key) {
  const { js_native_api_symbols: js, node_api_symbols: node } = symbolsKnown()[key] ?? {};
  return [...(js ?? []), ...(node ?? [])];
}
