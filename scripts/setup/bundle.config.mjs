// How the JavaScript of the package becomes one file: a program that loads a hundred small ones waits four times as long.
import fs from 'node:fs';
import { defineConfig } from 'rolldown';

const { version } = JSON.parse(fs.readFileSync('package.json', 'utf8'));

export default defineConfig({
  input: 'src/index.ts',
  platform: 'node',
  // Loaded from where the package is installed: package.json, and the packages that hold the binaries.
  external: [/\/package\.json$/, /^shmkit-/],
  tsconfig: 'src/tsconfig.json',
  transform: { target: 'node20', define: { PACKAGE_VERSION: JSON.stringify(version) } },
  output: {
    file: 'dist/shmkit.js',
    format: 'cjs',
    strict: true,
    esModule: false,
    // Most of the time of loading is V8's looking through the text. What stays: the names of functions and classes,
    // which are in stack traces, and the lines, of which Node prints the one that an uncaught error comes from.
    minify: { mangle: { toplevel: false, keepNames: true }, compress: true, codegen: { removeWhitespace: false } },
    comments: false,
    // With the sources in it, which are not published. Read by debuggers, and by Node only under --enable-source-maps.
    sourcemap: true,
  },
});
