// Installs the packages that the benchmark compares with ours, in bench/compare, apart from the other dependencies.
import fs from 'node:fs';
import path from 'node:path';
import { npmCommand, outputOf, ROOT, run, say, SetupError } from './process.mjs';
import { hashOf, isFresh, stamp } from './stamp.mjs';

const FOLDER = path.join(ROOT, 'bench/compare');
/** Published as sources: their install scripts compile them, or download a compiled file. */
const COMPILED = ['better-sqlite3', 'ems'];

/** Installs the peers and returns `{ package: reason }` for those that cannot be used on this machine. */
export function ensurePeers() {
  const hash = hashOf(['bench/compare/package-lock.json'], process.version);
  if (!isFresh('peers', hash) || !fs.existsSync(path.join(FOLDER, 'node_modules'))) {
    say('installing the packages to compare with into bench/compare (npm ci; some are compiled, which takes minutes)');
    npmIn('ci', '--ignore-scripts', '--no-audit', '--no-fund');
    for (const name of COMPILED) tryToBuild(name);
    stamp('peers', hash);
  }
  const missing = Object.fromEntries(COMPILED.filter((name) => !isBuilt(name)).map((name) => [name, reasonOf(name)]));
  if (outputOf('redis-server', ['--version']) === null) {
    missing.ioredis = 'there is no redis-server on the PATH (apt-get install redis-server)';
  }
  return missing;
}

function tryToBuild(name) {
  try {
    npmIn('rebuild', name, '--foreground-scripts');
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
  }
}

function isBuilt(name) {
  const folder = path.join(FOLDER, 'node_modules', name, 'build/Release');
  return fs.existsSync(folder) && fs.readdirSync(folder).some((file) => file.endsWith('.node'));
}

function reasonOf(name) {
  return `${name} could be neither downloaded in compiled form nor compiled (which needs a C++ compiler and Node's headers)`;
}

function npmIn(...args) {
  const [command, rest] = npmCommand(...args);
  run(command, rest, { cwd: FOLDER, stdio: ['ignore', 'ignore', 'inherit'] });
}
