// Bundles the JavaScript of the package into one file, which loads in a quarter of the time that a hundred small ones take,
// and that of the command line into another, with the library that parses its arguments.
// Each adapter becomes a file of its own, which shares nothing with another.
import fs from 'node:fs';
import { defineConfig } from 'rolldown';
import { pageFiles } from './inspector.mjs';
import { notices } from './notices.mjs';

const { version } = JSON.parse(fs.readFileSync('package.json', 'utf8'));

// Most of the load time is spent in V8's parser, so less text loads faster. Kept are the names of functions and classes,
// for stack traces, and line breaks, because Node prints the source line of an uncaught error.
const minify = { mangle: { toplevel: false, keepNames: true }, compress: true, codegen: { removeWhitespace: false } };
const transform = { target: 'node20', define: { PACKAGE_VERSION: JSON.stringify(version) } };
const output = {
  format: 'cjs',
  strict: true,
  esModule: false,
  minify,
  comments: false,
  // Contains the sources, which are not published. Debuggers read it; Node does so only with --enable-source-maps.
  sourcemap: true,
};

// Commander loads it, at the cost of a tenth of the command's start, for commands that are programs of their own. There are none.
const withoutPrograms = {
  name: 'without-programs',
  resolveId: (name, importer) => (name === 'node:child_process' && importer?.includes('commander') ? '\0no-programs' : null),
  load: (id) => (id === '\0no-programs' ? 'export {};' : null),
};

export default defineConfig([
  {
    input: 'src/index.ts',
    platform: 'node',
    // Loaded from where the package is installed: package.json, and the packages that hold the binaries.
    external: [/\/package\.json$/, /^shmkit-/, '../plain-data.js'],
    tsconfig: 'src/tsconfig.json',
    transform,
    output: { ...output, file: 'dist/shmkit.js' },
  },
  {
    // Loaded when the first object is stored or read.
    input: 'src/records/index.ts',
    platform: 'node',
    tsconfig: 'src/tsconfig.json',
    transform,
    output: { ...output, file: 'dist/plain-data.js' },
  },
  {
    input: 'src/cli/main.ts',
    platform: 'node',
    // The command line is a user of the package like any other.
    external: ['shmkit', './inspector.js'],
    tsconfig: 'src/cli/tsconfig.json',
    transform,
    plugins: [withoutPrograms, notices('dist/cli.licenses.txt')],
    output: { ...output, file: 'dist/cli.js' },
  },
  {
    // Loaded by `shmkit inspect` alone.
    input: 'src/inspect/main.ts',
    platform: 'node',
    external: ['shmkit'],
    tsconfig: 'src/inspect/tsconfig.json',
    transform,
    output: { ...output, file: 'dist/inspector.js' },
  },
  {
    // What browsers get.
    input: 'src/inspect/page/main.ts',
    platform: 'browser',
    tsconfig: 'src/inspect/page/tsconfig.json',
    transform: { target: 'es2022' },
    plugins: [pageFiles('dist/inspector'), notices('dist/inspector/licenses.txt')],
    output: { format: 'iife', minify: true, comments: false, file: 'dist/inspector/page.js' },
  },
  ...adapters().map(adapter),
]);

/** Returns the names of the files for the subpaths that a copy of this repository has. */
function adapters() {
  const { exports } = JSON.parse(fs.readFileSync('package.json', 'utf8'));
  const names = Object.values(exports).flatMap((entry) => /^\.\/dist\/adapters\/(.+)\.js$/.exec(entry.default ?? '')?.[1] ?? []);
  // The agent of shmkit/valkey runs in a worker thread, from a file of its own.
  return names.includes('valkey') ? [...names, 'valkey-agent'] : names;
}

function adapter(name) {
  const input = `${folderOf(name)}/${name}.ts`;
  return {
    input,
    platform: 'node',
    // Everything that is no file of the adapter's own: shmkit, and the framework that it adapts to.
    external: /^[^./]/,
    tsconfig: `${folderOf(name)}/tsconfig.json`,
    transform: { target: 'node18' },
    output: { ...output, exports: 'named', file: `dist/adapters/${name}.js`, footer: defaultAsModule(fs.readFileSync(input, 'utf8')) },
  };
}

/** Returns the folder of a subpath's sources: that of the adapters, or one of its own. */
function folderOf(name) {
  const own = `src/${name.split('-')[0]}`;
  return fs.existsSync(`${own}/${name}.ts`) ? own : 'src/adapters';
}

/** Returns code that makes a default export what `require` returns, as for `import`, with the other names as properties. */
function defaultAsModule(source) {
  if (!source.includes('\nexport default ')) return '';
  const names = ['default', ...Array.from(source.matchAll(/^export (?:class|const|function) (\w+)/gm), ([, name]) => name)];
  return ['module.exports = exports.default;', ...names.map((name) => `module.exports.${name} = exports.${name};`)].join('\n');
}
