// Finds and loads the addon: the file that the environment names, the one built in a checkout, or the package of the
// platform.
import { existsSync, statSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { messageOf, ShmError } from './errors.js';
import { explainMissing, type Manifest } from './missing.js';
import { platformNames, requirePackage } from './platform.js';

const VARIABLE = 'NAPI_RS_NATIVE_LIBRARY_PATH';

/** What tells our addon from any other. */
interface Identity {
  version(): string;
  instantiate: unknown;
}

/** Returns the addon's exports. Throws `ERR_SHM_UNSUPPORTED` if there is none for this process, or one of another version. */
export function loadAddon(version: string): unknown {
  const chosen = process.env[VARIABLE];
  return chosen ? loadChosen(chosen, version) : loadUsual(version);
}

function loadUsual(version: string): unknown {
  const names = platformNames();
  const failures: unknown[] = [];
  for (const name of names) {
    const addon = requireBuilt(name, failures) ?? requirePackage(name, failures);
    if (addon !== undefined) return identified(addon, version, `shmkit's binary for ${name}`, ': install the package again');
  }
  throw unsupported(explainMissing(names, require('../../package.json') as Manifest, failures), failures[0]);
}

/** In a checkout the addon is beside package.json. */
function requireBuilt(name: string, failures: unknown[]): unknown {
  const file = join(__dirname, '..', `shmkit.${name}.node`);
  try {
    return existsSync(file) ? require(file) : undefined;
  } catch (error) {
    failures.push(error);
    return undefined;
  }
}

// Only a regular file named `.node` gets to `require`, which would look for JavaScript in anything else.
function loadChosen(chosen: string, version: string): unknown {
  const file = resolve(chosen);
  const what = `${file}, which ${VARIABLE} names,`;
  if (extname(file) !== '.node') throw unsupported(`${what} is not a .node file`);
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw unsupported(`${what} is missing, or not a regular file`);
  let addon: unknown;
  try {
    addon = require(file);
  } catch (cause) {
    throw unsupported(`${what} does not load: ${messageOf(cause)}`, cause);
  }
  return identified(addon, version, what, '');
}

/** Returns the addon if it is shmkit's and of this version. */
function identified(addon: unknown, version: string, what: string, advice: string): unknown {
  const { version: versionOf, instantiate } = addon as Partial<Identity>;
  if (typeof versionOf !== 'function' || instantiate === undefined) throw unsupported(`${what} is not an addon of shmkit${advice}`);
  const found = versionOf();
  if (found !== version) throw unsupported(`${what} has version ${found}, and shmkit has ${version}${advice}`);
  return addon;
}

function unsupported(message: string, cause?: unknown): ShmError {
  return new ShmError('ERR_SHM_UNSUPPORTED', message, cause === undefined ? {} : { cause });
}
