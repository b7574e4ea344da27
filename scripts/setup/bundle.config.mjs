// Bundles the JavaScript of the package into one file, which loads in a quarter of the time that a hundred small ones take.
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
    // Most of the load time is spent in V8's parser, so less text loads faster. Kept are the names of functions and classes,
    // for stack traces, and line breaks, because Node prints the source line of an uncaught error.
    minify: { mangle: { toplevel: false, keepNames: true }, compress: true, codegen: { removeWhitespace: false } },
    comments: false,
    // Contains the sources, which are not published. Debuggers read it; Node does so only with --enable-source-maps.
    sourcemap: true,
  },
});
