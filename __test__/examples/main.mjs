// Runs the applications in examples/ with their frameworks, under load: npm run test:examples [-- NAME ...].
// Each is copied to build/examples, and installed there with shmkit as npm would pack it.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { ensurePackage } from '../../scripts/setup/build.mjs';
import { explaining, ROOT, SetupError } from '../../scripts/setup/process.mjs';
import { installPeers, installShmkit } from '../adapters/packed.mjs';

const SOURCES = path.join(ROOT, 'examples');
const COPIES = path.join(ROOT, 'build', 'examples');
const SUITES = path.join(ROOT, '__test__', 'examples', 'suites');

await explaining(() => {
  ensurePackage();
  const known = fs.readdirSync(SOURCES).filter((name) => fs.existsSync(path.join(SOURCES, name, 'package.json')));
  const wanted = process.argv.slice(2);
  const unknown = wanted.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new SetupError(`there is no application "${unknown}"; there are ${known.join(', ')}`);
  const names = wanted.length === 0 ? known : wanted;
  for (const name of names) copy(name);
  installShmkit(...names.map((name) => path.join(COPIES, name, 'node_modules')));
  const files = names.map((name) => path.join(SUITES, `${name}.test.mjs`));
  process.exitCode = spawnSync(process.execPath, ['--test', '--test-concurrency=1', ...files], { cwd: ROOT, stdio: 'inherit' }).status ?? 1;
});

/** Copies an application and installs its packages, but for shmkit, which may not be published yet. */
function copy(name) {
  const folder = path.join(COPIES, name);
  fs.mkdirSync(folder, { recursive: true });
  for (const old of fs.readdirSync(folder)) if (old !== 'node_modules') fs.rmSync(path.join(folder, old), { recursive: true });
  fs.cpSync(path.join(SOURCES, name), folder, { recursive: true, filter: (file) => path.basename(file) !== 'node_modules' });
  const file = path.join(folder, 'package.json');
  const { dependencies: { shmkit: _shmkit, ...dependencies }, ...manifest } = JSON.parse(fs.readFileSync(file, 'utf8'));
  fs.writeFileSync(file, `${JSON.stringify({ ...manifest, dependencies }, null, 2)}\n`);
  installPeers(folder);
}
