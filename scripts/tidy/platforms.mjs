// The platform packages are those that package.json asks for, in the same version.
import fs from 'node:fs';
import path from 'node:path';
import { expectedFiles } from '../platforms/folders.mjs';
import { ROOT } from '../setup/process.mjs';
import { ourFiles, textOf } from './tree.mjs';

const REMEDY = 'run `npm run platforms`';

export function problemsInPlatforms() {
  const expected = expectedFiles();
  const stale = [...expected]
    .filter(([name, text]) => textOf(`npm/${name}`) !== text)
    .map(([name]) => `npm/${name}: is not what package.json makes it: ${REMEDY}`);
  const stray = ourFiles()
    .filter((name) => name.startsWith('npm/') && !expected.has(name.slice('npm/'.length)))
    .map((name) => `${name}: package.json names no such platform`);
  return [...stale, ...stray, ...differingVersions()];
}

// The addon says Cargo's version, and the loader refuses one that is not package.json's.
function differingVersions() {
  const { version } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  const crates = /^\[workspace\.package\]\s+version = "([^"]+)"/m.exec(textOf('Cargo.toml'))?.[1];
  return crates === version ? [] : [`Cargo.toml: version ${crates}, but package.json has ${version}`];
}
