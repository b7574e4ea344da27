// Runs shmkit/valkey on real servers: npm run test:valkey [-- NAME ...], with names of suites.
// Downloads Valkey and installs the clients first; runs some suites on Redis as well, where that can be had.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { explaining, outputOf, ROOT, say } from '../../scripts/setup/process.mjs';
import { ensureRedis } from '../../scripts/setup/redis.mjs';
import { ensureServer } from './set-up.mjs';

const SUITES = path.join(ROOT, '__test__/valkey/suites');
/** The suites that run on Redis as well. */
const ON_REDIS = new Set(['access', 'remote', 'sentinel', 'tier'].map((name) => `${name}.test.mjs`));

function main() {
  const server = ensureServer();
  if (server === null) return;
  const wanted = process.argv.slice(2);
  const files = fs.readdirSync(SUITES).filter((name) => name.endsWith('.test.mjs') && (wanted.length === 0 || wanted.some((want) => name.startsWith(want))));
  const redis = ensureRedis();
  const statuses = [runSuites(files, server, redis)];
  const again = files.filter((name) => ON_REDIS.has(name));
  if (redis.server === null) say(`NOT RUN on Redis: ${redis.reason}`);
  else if (again.length > 0) statuses.push(runSuites(again, redis.server, redis));
  process.exitCode = statuses.find((status) => status !== 0) ?? 0;
}

/** Runs suites on a server, and returns the exit code. */
function runSuites(files, server, redis) {
  say(`${files.length} suites on ${outputOf(server, ['--version'])}`);
  const args = ['--expose-gc', '--test', '--test-concurrency=1', ...files.map((name) => path.join(SUITES, name))];
  const env = { ...process.env, SHMKIT_VALKEY_SERVER: server, ...(redis.server === null ? {} : { SHMKIT_REDIS_SERVER: redis.server }) };
  return spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit', env }).status ?? 1;
}

await explaining(main);
