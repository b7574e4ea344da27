// Compiles the TypeScript consumer under each module resolution.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { packageScript, ROOT } from '../../scripts/setup/process.mjs';

const SETTINGS = {
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'preserve', moduleResolution: 'bundler' },
};

export const RESOLUTIONS = Object.keys(SETTINGS);

/** Compiles typed.ts of a project to `<resolution>/typed.js`; returns 'compiles' or the compiler's output. */
export function compile(folder, resolution) {
  const options = {
    ...SETTINGS[resolution],
    target: 'es2022',
    lib: ['es2023', 'esnext.disposable'],
    strict: true,
    skipLibCheck: false,
    types: ['node'],
    typeRoots: [path.join(ROOT, 'node_modules/@types')],
    rootDir: '.',
    outDir: resolution,
  };
  const project = path.join(folder, `tsconfig.${resolution}.json`);
  fs.writeFileSync(project, JSON.stringify({ compilerOptions: options, files: ['typed.ts'] }));
  const result = spawnSync(process.execPath, [packageScript('typescript', 'bin', 'tsc'), '-p', project], { encoding: 'utf8' });
  return result.status === 0 ? 'compiles' : result.stdout.trim();
}
