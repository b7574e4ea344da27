// Runs cargo-deny, where it is installed: licences, sources and versions of the crates, and advisories about them.
import { spawnSync } from 'node:child_process';
import { outputOf, ROOT } from '../setup/process.mjs';

const INSTALL = 'cargo install --locked cargo-deny@0.20.2';
const NETWORK_MS = 60_000;

/** Returns one line per failed group of checks; cargo-deny has then printed why. Prints what could not be checked. */
export function problemsInDependencies() {
  if (outputOf('cargo', ['deny', '--version']) === null) {
    process.stdout.write(`DEPENDENCIES WERE NOT CHECKED: cargo-deny is not installed (${INSTALL})\n`);
    return [];
  }
  const { status, output } = deny('bans', 'licenses', 'sources');
  process.stdout.write(output);
  return [...(status === 0 ? [] : ['a dependency breaks a rule of deny.toml']), ...problemsInAdvisories()];
}

// The advisory database is a Git repository on the Internet. Where it is out of reach, only the workflow "Safety" checks it.
function problemsInAdvisories() {
  const { status, error, output } = deny('advisories');
  if (error !== undefined || /failed to (fetch|clone|open) advisory database/.test(output)) {
    process.stdout.write('ADVISORIES WERE NOT CHECKED: the advisory database cannot be reached from here\n');
    return [];
  }
  process.stdout.write(output);
  return status === 0 ? [] : ['a dependency has an advisory'];
}

function deny(...checks) {
  const options = { cwd: ROOT, encoding: 'utf8', timeout: NETWORK_MS };
  const { status, error, stdout, stderr } = spawnSync('cargo', ['deny', '--locked', '--color', 'never', 'check', ...checks], options);
  return { status, error, output: `${stdout}${stderr}` };
}
