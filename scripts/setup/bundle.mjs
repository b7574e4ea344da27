// The JavaScript of the package as one file. A program that loads a hundred small ones waits four times as long.
import { createRequire } from 'node:module';
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from './process.mjs';

const require = createRequire(import.meta.url);

/** The version in package.json, which is built in. */
export function packageVersion() {
  return JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')).version;
}

/** Writes dist/shmkit.js from src. tsc has checked the types. */
export function bundle() {
  // Loaded here, because the packages may only just have been installed.
  const { buildSync } = require('esbuild');
  buildSync({
    absWorkingDir: ROOT,
    entryPoints: ['src/index.ts'],
    outfile: 'dist/shmkit.js',
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['./package.json', './binding.js'],
    define: { PACKAGE_VERSION: JSON.stringify(packageVersion()) },
    // Most of the time of loading is V8's looking through the text. Names stay: they are in stack traces.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    // Read by Node only under --enable-source-maps.
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'warning',
  });
}
