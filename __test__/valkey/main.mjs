// Runs shmkit/valkey on real servers: npm run test:valkey [-- NAME ...], with names of suites.
// Downloads the server and installs the clients first.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { ensurePackage, npm } from '../../scripts/setup/build.mjs';
import { explaining, ROOT, say, SetupError } from '../../scripts/setup/process.mjs';
import { ensureValkey } from '../../scripts/setup/valkey.mjs';

const SUITES = path.join(ROOT, '__test__/valkey/suites');
const CLIENTS = path.join(ROOT, '__test__/valkey/clients');

function main() {
  ensurePackage();
  const { server, reason } = ensureValkey();
  if (server === null) {
    say(`NOT RUN: ${reason}`);
    return;
  }
  if (!fs.existsSync(path.join(CLIENTS, 'node_modules')) && spawnSync(npm, ['install', '--ignore-scripts', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel', 'error'], { cwd: CLIENTS, stdio: 'inherit' }).status !== 0) {
    throw new SetupError('the clients could not be installed');
  }
  const wanted = process.argv.slice(2);
  const files = fs.readdirSync(SUITES).filter((name) => name.endsWith('.test.mjs') && (wanted.length === 0 || wanted.some((want) => name.startsWith(want))));
  const args = ['--expose-gc', '--test', '--test-concurrency=1', ...files.map((name) => path.join(SUITES, name))];
  process.exitCode = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit', env: { ...process.env, SHMKIT_VALKEY_SERVER: server } }).status ?? 1;
}

await explaining(main);
