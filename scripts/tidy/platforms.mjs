// Checks that the platform packages, the loader's list and the versions agree with package.json.
import fs from 'node:fs';
import path from 'node:path';
import { expectedFiles, platforms } from '../platforms/folders.mjs';
import { ROOT } from '../setup/process.mjs';
import { ourFiles, textOf } from './tree.mjs';

const REMEDY = 'run `npm run platforms`';
const LOADER = 'src/addon/platform.ts';

export function problemsInPlatforms() {
  const expected = expectedFiles();
  const stale = [...expected]
    .filter(([name, text]) => textOf(`npm/${name}`) !== text)
    .map(([name]) => `npm/${name}: is not what package.json makes it: ${REMEDY}`);
  const stray = ourFiles()
    .filter((name) => name.startsWith('npm/') && !expected.has(name.slice('npm/'.length)))
    .map((name) => `${name}: package.json names no such platform`);
  return [...stale, ...stray, ...differingInLoader(), ...differingVersions()];
}

// A stranger could publish a package under a name that only the loader knows.
function differingInLoader() {
  const required = [...textOf(LOADER).matchAll(/\brequire\('shmkit-([\w-]+)'\)/g)].map(([, name]) => name);
  const published = platforms();
  return [
    ...published.filter((name) => !required.includes(name)).map((name) => `${LOADER}: never requires shmkit-${name}`),
    ...required.filter((name) => !published.includes(name)).map((name) => `${LOADER}: requires shmkit-${name}, which is not published`),
  ];
}

// The addon reports Cargo's version, and the loader refuses an addon without package.json's version.
function differingVersions() {
  const { version } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  const crates = /^\[workspace\.package\]\s+version = "([^"]+)"/m.exec(textOf('Cargo.toml'))?.[1];
  return crates === version ? [] : [`Cargo.toml: version ${crates}, but package.json has ${version}`];
}
