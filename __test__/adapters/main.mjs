// Runs the adapters against real frameworks, and against their own suites for stores: npm run test:adapters.
//   --lowest    with the oldest versions that the adapters support, instead of the newest
// The frameworks are installed in build/adapters, and beside them shmkit as npm would pack it.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensurePackage } from '../../scripts/setup/build.mjs';
import { explaining, packageScript, ROOT } from '../../scripts/setup/process.mjs';
import { installPeers, installShmkit } from './packed.mjs';

const HERE = path.join(ROOT, '__test__', 'adapters');
const NODE_TEST = ['--test', '--test-concurrency=1'];
/** What each step runs; those of node:test by the names of their files. */
const STEPS = {
  'keyv suite': [path.join('node_modules', 'vitest', 'vitest.mjs'), 'run', '--root', '.', 'suites/keyv.test.mjs'],
  'bentocache suite': ['suites/bentocache.mjs'],
  'limiters': nodeTests('express-rate-limit', 'fastify-rate-limit', 'rate-limiter-flexible'),
  'sessions': nodeTests('sessions', 'session-stores'),
  'stores': nodeTests('stores', 'keyv-family', 'unstorage', 'undici', 'apollo', 'next'),
  'metrics': nodeTests('metrics', 'prom-client'),
  'socket.io': nodeTests('socket.io', 'socket.io-cluster'),
  'several processes': nodeTests('processes'),
};

/** The frameworks' own types change too much between versions for one program. */
const NEWEST_STEPS = {
  'types': [packageScript('typescript', 'bin', 'tsc'), '--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2022', '--types', 'node', 'suites/types.mts'],
};

const { values: options } = parseArgs({ options: { lowest: { type: 'boolean', default: false } } });

await explaining(() => {
  ensurePackage();
  const folder = prepare(options.lowest ? 'lowest' : 'newest');
  installPeers(folder);
  installShmkit(path.join(folder, 'node_modules'));
  const isPassed = (args) => spawnSync(process.execPath, args, { cwd: folder, stdio: 'inherit' }).status === 0;
  const failed = Object.entries(options.lowest ? STEPS : { ...STEPS, ...NEWEST_STEPS }).flatMap(([title, args]) => (isPassed(args) ? [] : [title]));
  process.stdout.write(failed.length === 0 ? 'all adapters passed\n' : `FAILED: ${failed.join(', ')}\n`);
  process.exitCode = failed.length === 0 ? 0 : 1;
});

/** Copies the suites to where these versions are installed, because Node.js looks for packages beside a program. */
function prepare(versions) {
  const folder = path.join(ROOT, 'build', 'adapters', versions);
  fs.rmSync(path.join(folder, 'suites'), { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  fs.cpSync(path.join(HERE, 'suites'), path.join(folder, 'suites'), { recursive: true });
  const manifest = JSON.parse(fs.readFileSync(path.join(HERE, 'package.json'), 'utf8'));
  if (versions === 'lowest') Object.assign(manifest.dependencies, JSON.parse(fs.readFileSync(path.join(HERE, 'lowest.json'), 'utf8')));
  fs.writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return folder;
}

function nodeTests(...names) {
  return [...NODE_TEST, ...names.map((name) => `suites/${name}.test.mjs`)];
}
