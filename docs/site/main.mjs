// Builds the documentation site into build/docs, after checking its links and its samples of code: npm run docs.
// With --serve, also shows it on this machine.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureDist, ensureModules, npm } from '../../scripts/setup/build.mjs';
import { layPages } from './pages.mjs';
import { nameExports } from './subpaths.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const { serve } = parseArgs({ options: { serve: { type: 'boolean' } } }).values;

function run(command, ...args) {
  const { status } = spawnSync(command, args, { cwd: HERE, stdio: 'inherit', shell: process.platform === 'win32' && command === npm });
  if (status !== 0) process.exit(status ?? 1);
}

const script = (...parts) => path.join('node_modules', ...parts);

ensureModules();
// The reference is made of the public types, some of which are there.
ensureDist();
run(npm, 'install', '--ignore-scripts', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel', 'error');
layPages(HERE);
run(process.execPath, script('typedoc', 'bin', 'typedoc'));
run(process.execPath, script('typedoc', 'bin', 'typedoc'), '--options', 'typedoc.subpaths.json');
nameExports(path.join(HERE, '../../types/adapters'), path.join(HERE, '../../build/docs-pages/api/subpaths'));
run(process.execPath, 'samples.mjs');
// Fails for a link that leads nowhere.
run(process.execPath, script('vitepress', 'bin', 'vitepress.js'), 'build');
if (serve) run(process.execPath, script('vitepress', 'bin', 'vitepress.js'), 'preview');
