// Runs the applications in examples/ with their frameworks, under load: npm run test:examples [-- NAME ...].
//   --lowest    those of them whose framework has its oldest supported version tested nowhere else, with that
// Each is copied to build/examples, and installed there with shmkit as npm would pack it.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensurePackage } from '../../scripts/setup/build.mjs';
import { explaining, ROOT, SetupError } from '../../scripts/setup/process.mjs';
import { installPeers, installShmkit } from '../adapters/packed.mjs';

const SOURCES = path.join(ROOT, 'examples');
const LOWEST = { 'next-servers': { next: '16.0.0' } };
const SUITES = path.join(ROOT, '__test__', 'examples', 'suites');

const { values: options, positionals } = parseArgs({ options: { lowest: { type: 'boolean', default: false } }, allowPositionals: true });
const COPIES = path.join(ROOT, 'build', options.lowest ? 'examples-lowest' : 'examples');

await explaining(() => {
  ensurePackage();
  const all = fs.readdirSync(SOURCES).filter((name) => fs.existsSync(path.join(SOURCES, name, 'package.json')));
  const known = options.lowest ? Object.keys(LOWEST) : all;
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new SetupError(`there is no application "${unknown}"; there are ${known.join(', ')}`);
  const names = positionals.length === 0 ? known : positionals;
  for (const name of names) copy(name);
  installShmkit(...names.map((name) => path.join(COPIES, name, 'node_modules')));
  const files = names.map((name) => path.join(SUITES, `${name}.test.mjs`));
  process.exitCode = spawnSync(process.execPath, ['--test', '--test-concurrency=1', ...files], { cwd: ROOT, stdio: 'inherit', env: { ...process.env, SHMKIT_EXAMPLES: COPIES } }).status ?? 1;
});

/** Copies an application and installs its packages, but for shmkit, which may not be published yet. */
function copy(name) {
  const folder = path.join(COPIES, name);
  fs.mkdirSync(folder, { recursive: true });
  for (const old of fs.readdirSync(folder)) if (old !== 'node_modules') fs.rmSync(path.join(folder, old), { recursive: true });
  fs.cpSync(path.join(SOURCES, name), folder, { recursive: true, filter: (file) => path.basename(file) !== 'node_modules' });
  const file = path.join(folder, 'package.json');
  const { dependencies: { shmkit: _shmkit, ...dependencies }, ...manifest } = JSON.parse(fs.readFileSync(file, 'utf8'));
  if (options.lowest) Object.assign(dependencies, LOWEST[name]);
  fs.writeFileSync(file, `${JSON.stringify({ ...manifest, dependencies }, null, 2)}\n`);
  installPeers(folder);
}
