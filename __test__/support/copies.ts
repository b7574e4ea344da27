// Further copies of the package's JavaScript in one process, as after a cleared module cache.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import vm from 'node:vm';

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

const BUNDLE = path.join(ROOT, 'dist', 'shmkit.js');

/**
 * Evaluates the package in a realm of its own, as test runners do: with the global objects of Node that they pass on, and
 * others. Returns the copy, and a function that evaluates an expression in its realm.
 */
export function evaluateInRealm(globals: object = {}): { copy: Package; evaluate: (code: string) => unknown } {
  const { AbortController, AbortSignal, DOMException, structuredClone, URL } = globalThis;
  const context = vm.createContext({ process, Buffer, AbortController, AbortSignal, DOMException, structuredClone, URL, ...globals });
  const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(BUNDLE, 'utf8')}\n})`;
  const module = { exports: {} };
  const run = vm.runInContext(source, context, { filename: BUNDLE }) as (...parameters: unknown[]) => void;
  run(module.exports, createRequire(BUNDLE), module, BUNDLE, path.dirname(BUNDLE));
  return { copy: module.exports as Package, evaluate: (code) => vm.runInContext(code, context) as unknown };
}
