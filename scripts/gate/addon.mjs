// The addon contains nothing that is only for tests: no feature of our crates is compiled into it.
import { outputOf } from '../setup/process.mjs';

/** Returns one line per crate of ours that has a feature when it is built for the addon, as scripts/setup/addon.mjs builds it. */
export function problemsInFeatures() {
  const tree = outputOf('cargo', ['tree', '--locked', '--package', 'shmkit-node', '--edges', 'normal,build', '--prefix', 'none', '--format', '{p}|{f}']);
  if (tree === null) return ['cargo could not say which features the addon is built with'];
  const crates = [...tree.matchAll(/^(shmkit-[a-z]+) .*\|([\w,-]*)/gm)];
  if (crates.length === 0) return ['cargo names no crate of the addon'];
  const found = crates.filter(([, , features]) => features !== '').map(([, name, features]) => `${name} would be built into the addon with ${features}`);
  return [...new Set(found)];
}
