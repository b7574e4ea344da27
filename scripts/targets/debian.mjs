// Fetches packages of a newer Debian and unpacks them into a folder, without installing them.
import fs from 'node:fs';
import path from 'node:path';
import { outputOf, run, say } from '../setup/process.mjs';

export const SUITE = 'trixie';
const KEYS = '/usr/share/keyrings/debian-archive-keyring.gpg';

const archiveOf = () => outputOf('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Identifier: Packages', 'Origin: Debian', 'Label: Debian'])?.split('\n')[0];

/** Returns whether this machine has a source of Debian's packages, and the keys to check their signatures. */
export function canFetch() {
  return Boolean(archiveOf()) && fs.existsSync(KEYS);
}

/**
 * Downloads packages with apt, which checks signatures, and unpacks them into `target`. Uses this machine's package source
 * but separate lists, in `lists`, so that the system's own lists stay as they are.
 */
export function fetchPackages(names, lists, target) {
  fs.rmSync(lists, { recursive: true, force: true });
  for (const name of ['etc/preferences.d', 'state/lists/partial', 'cache/archives/partial', 'packages']) fs.mkdirSync(path.join(lists, name), { recursive: true });
  fs.writeFileSync(path.join(lists, 'status'), '');
  fs.writeFileSync(path.join(lists, 'etc/sources.list'), `deb [arch=amd64 signed-by=${KEYS}] ${archiveOf()} ${SUITE} main\n`);
  const settings = [
    `Dir::Etc=${lists}/etc`,
    'Dir::Etc::SourceParts=-',
    `Dir::State=${lists}/state`,
    `Dir::State::status=${lists}/status`,
    `Dir::Cache=${lists}/cache`,
    'Acquire::Languages=none',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false',
    'APT::Architectures=amd64',
    'APT::Sandbox::User=root',
  ].flatMap((setting) => ['-o', setting]);
  say(`fetching ${names.join(' ')} of Debian ${SUITE}`);
  const folder = path.join(lists, 'packages');
  run('apt-get', ['-qq', ...settings, 'update']);
  run('apt-get', ['-qq', ...settings, 'download', ...names], { cwd: folder });
  for (const name of fs.readdirSync(folder)) run('dpkg-deb', ['-x', path.join(folder, name), target]);
  fs.rmSync(lists, { recursive: true, force: true });
}
