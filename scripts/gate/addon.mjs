// The addon contains nothing that is only for tests: no feature of our crates is compiled into it.
import fs from 'node:fs';
import path from 'node:path';
import { hasCrashPoints } from '../binary/crash-points.mjs';
import { outputOf, ROOT } from '../setup/process.mjs';

/** Returns one line per crate of ours that has a feature when it is built for the addon, as scripts/setup/addon.mjs builds it. */
export function problemsInFeatures() {
  const tree = outputOf('cargo', ['tree', '--locked', '--package', 'shmkit-node', '--edges', 'normal,build', '--prefix', 'none', '--format', '{p}|{f}']);
  if (tree === null) return ['cargo could not say which features the addon is built with'];
  const crates = [...tree.matchAll(/^(shmkit-[a-z]+) .*\|([\w,-]*)/gm)];
  if (crates.length === 0) return ['cargo names no crate of the addon'];
  const found = crates.filter(([, , features]) => features !== '').map(([, name, features]) => `${name} would be built into the addon with ${features}`);
  return [...new Set(found)];
}

/** Returns one line per addon of this checkout that contains the crash points of the tests. */
export function problemsInAddons() {
  const addons = fs.readdirSync(ROOT).filter((name) => name.endsWith('.node'));
  return addons.filter((name) => hasCrashPoints(fs.readFileSync(path.join(ROOT, name)))).map((name) => `${name} contains the crash points of the tests`);
}
