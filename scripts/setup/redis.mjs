// A Redis server for tests of shmkit/valkey: fetched with apt, which checks signatures, and unpacked without being installed.
import fs from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { outputOf, ROOT, say } from './process.mjs';

const FOLDER = path.join(ROOT, 'build/redis');
const PACKAGES = ['redis-server', 'redis-tools', 'libjemalloc2', 'liblzf1'];
const LIBRARIES = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }[process.arch];

/** Returns the path of the system's redis-server, or of one that is fetched here; or why there is none. */
export function ensureRedis() {
  if (outputOf('redis-server', ['--version']) !== null) return { server: 'redis-server', reason: null };
  const server = path.join(FOLDER, 'redis-server');
  if (!fs.existsSync(server)) {
    const reason = fetchServer(server);
    if (reason !== null) return { server: null, reason };
  }
  if (outputOf(server, ['--version']) === null) return { server: null, reason: 'the Redis server of the system’s package source does not run here' };
  return { server, reason: null };
}

function fetchServer(server) {
  if (process.platform !== 'linux' || LIBRARIES === undefined) return `there is no Redis server to fetch for ${process.platform} ${process.arch}`;
  if (outputOf('apt-get', ['--version']) === null || outputOf('dpkg-deb', ['--version']) === null) return 'a Redis server is fetched with apt-get and dpkg-deb, which are not here';
  say('fetching Redis from the package source of this system');
  fs.rmSync(FOLDER, { recursive: true, force: true });
  const packages = path.join(FOLDER, 'packages');
  fs.mkdirSync(packages, { recursive: true });
  const root = path.join(FOLDER, 'root');
  if (spawnSync('apt-get', ['-qq', '-o', 'APT::Sandbox::User=root', 'download', ...PACKAGES], { cwd: packages, stdio: ['ignore', 'ignore', 'inherit'] }).status !== 0) return 'the packages of Redis could not be fetched';
  for (const name of fs.readdirSync(packages)) {
    if (spawnSync('dpkg-deb', ['-x', path.join(packages, name), root]).status !== 0) return 'the packages of Redis could not be unpacked';
  }
  const program = path.join(root, 'usr/bin/redis-server');
  if (!fs.existsSync(program)) return 'the packages of Redis hold no server';
  const script = `#!/bin/sh\nLD_LIBRARY_PATH='${path.join(root, 'usr/lib', LIBRARIES)}' exec '${program}' "$@"\n`;
  fs.writeFileSync(server, script, { mode: 0o755 });
  return null;
}
