// Builds the addon and the engine's tests for other systems, and runs them in an emulator of each system: the tests of the
// engine crates, and __test__/cross/smoke.cjs with the addon (set, get, incr, expire, two processes, one of them killed).
// On Windows also specs of the package.
//   node scripts/targets/cross.mjs [--all] [--only smoke|core|specs] [platform ...]
// Node.js for each system comes from npm or PyPI. A platform that cannot run here is skipped and reported; with --all that
// is a failure. These builds are only for tests: not fully optimised, and for Windows with another ABI than published.
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensurePackage } from '../setup/build.mjs';
import { explaining, outputOf, say, SetupError } from '../setup/process.mjs';
import { tryCore } from './core-tests.mjs';
import { PLATFORMS } from './platforms.mjs';
import { adviceFor, rustFor } from './rust.mjs';
import { trySmoke } from './smoke.mjs';
import { trySpecs } from './specs.mjs';

const TRIALS = { core: tryCore, smoke: trySmoke, specs: trySpecs };

function missingFor({ target, tools }) {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'the emulators are those of Linux x64';
  const missing = Object.entries(tools).filter(([tool]) => !path.isAbsolute(tool) ? outputOf('which', [tool]) === null : !fs.existsSync(tool));
  if (missing.length > 0) return `not installed: ${missing.map(([tool, names]) => `${tool} (Debian: apt-get install ${names})`).join(', ')}`;
  return rustFor(target) ? undefined : `no Rust for ${target}: ${adviceFor(target)}`;
}

explaining(() => {
  const { values, positionals } = parseArgs({ options: { all: { type: 'boolean' }, only: { type: 'string' } }, allowPositionals: true });
  const unknown = positionals.filter((name) => !PLATFORMS[name]);
  if (unknown.length > 0) throw new SetupError(`known platforms: ${Object.keys(PLATFORMS).join(', ')}`);
  if (values.only && !TRIALS[values.only]) throw new SetupError(`--only takes ${Object.keys(TRIALS).join(', ')}`);
  ensurePackage();
  const failed = [];
  const skipped = [];
  for (const name of positionals.length > 0 ? positionals : Object.keys(PLATFORMS)) {
    const missing = missingFor(PLATFORMS[name]);
    if (missing) skipped.push(`${name} was SKIPPED: ${missing}`);
    for (const [title, attempt] of missing ? [] : Object.entries(TRIALS)) {
      if ((values.only ?? title) === title && !attempt(name, PLATFORMS[name])) failed.push(`${name} (${title})`);
    }
  }
  for (const line of skipped) say(line);
  if (failed.length > 0) throw new SetupError(`failed on ${failed.join(', ')}`);
  if (values.all && skipped.length > 0) throw new SetupError(`${skipped.length} platforms were skipped`);
});
