// Runs shmkit/valkey on real servers: npm run test:valkey [-- NAME ...], with names of suites.
// Downloads Valkey and installs the clients first; runs some suites on Redis as well, where that can be had.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { ensurePackage, npm } from '../../scripts/setup/build.mjs';
import { explaining, outputOf, ROOT, say, SetupError } from '../../scripts/setup/process.mjs';
import { hashOf, isFresh, stamp } from '../../scripts/setup/stamp.mjs';
import { ensureRedis } from '../../scripts/setup/redis.mjs';
import { ensureValkey } from '../../scripts/setup/valkey.mjs';

const SUITES = path.join(ROOT, '__test__/valkey/suites');
const CLIENTS = path.join(ROOT, '__test__/valkey/clients');
/** The suites that run on Redis as well. */
const ON_REDIS = new Set(['access', 'remote', 'sentinel', 'tier'].map((name) => `${name}.test.mjs`));

function main() {
  ensurePackage();
  const { server, reason } = ensureValkey();
  if (server === null) {
    say(`NOT RUN: ${reason}`);
    return;
  }
  installClients();
  const wanted = process.argv.slice(2);
  const files = fs.readdirSync(SUITES).filter((name) => name.endsWith('.test.mjs') && (wanted.length === 0 || wanted.some((want) => name.startsWith(want))));
  const redis = ensureRedis();
  const statuses = [runSuites(files, server, redis)];
  const again = files.filter((name) => ON_REDIS.has(name));
  if (redis.server === null) say(`NOT RUN on Redis: ${redis.reason}`);
  else if (again.length > 0) statuses.push(runSuites(again, redis.server, redis));
  process.exitCode = statuses.find((status) => status !== 0) ?? 0;
}

function installClients() {
  const manifest = path.join(CLIENTS, 'package.json');
  const hash = hashOf([path.relative(ROOT, manifest)]);
  if (fs.existsSync(path.join(CLIENTS, 'node_modules')) && isFresh('valkey-clients', hash)) return;
  const args = ['install', '--ignore-scripts', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel', 'error'];
  if (spawnSync(npm, args, { cwd: CLIENTS, stdio: 'inherit' }).status !== 0) throw new SetupError('the clients could not be installed');
  stamp('valkey-clients', hash);
}

/** Runs suites on a server, and returns the exit code. */
function runSuites(files, server, redis) {
  say(`${files.length} suites on ${outputOf(server, ['--version'])}`);
  const args = ['--expose-gc', '--test', '--test-concurrency=1', ...files.map((name) => path.join(SUITES, name))];
  const env = { ...process.env, SHMKIT_VALKEY_SERVER: server, ...(redis.server === null ? {} : { SHMKIT_REDIS_SERVER: redis.server }) };
  return spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit', env }).status ?? 1;
}

await explaining(main);
