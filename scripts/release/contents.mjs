// Checks the files of packed packages: those that must be there, and those that must not.
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from '../setup/process.mjs';

const NEEDED = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'index.js', 'index.d.ts', 'dist/shmkit.js', 'dist/types.d.ts', 'dist/cli.js', 'dist/cli.licenses.txt', 'dist/inspector.js', 'dist/inspector/index.html', 'dist/inspector/page.js', 'dist/inspector/page.css', 'dist/inspector/licenses.txt'];
const FOREIGN = /\.node$|\.rs$|\.tgz$|^(src|crates|scripts|__test__|bench|examples|build|npm|target)\/|^binding\.gyp$/;
// Scripts such as `prepare` run when a package is packed, not when it is installed.
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall'];

/** Returns the problems of the root package's tarball, one line each. */
export function problemsInRoot({ files }) {
  const manifest = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  return [
    ...NEEDED.filter((name) => !files.includes(name)).map((name) => `the package lacks ${name}`),
    ...files.filter((name) => FOREIGN.test(name)).map((name) => `the package holds ${name}`),
    ...manifest.files.filter((entry) => !files.some((name) => name === entry || name.startsWith(`${entry}/`))).map((entry) => `"files" names ${entry}, which the package lacks`),
    ...targetsOf(manifest.exports).filter((name) => !files.includes(name)).map((name) => `"exports" names ${name}, which the package lacks`),
    ...INSTALL_SCRIPTS.filter((name) => manifest.scripts?.[name]).map((name) => `the package has a script "${name}"`),
  ];
}

function targetsOf(entry) {
  return typeof entry === 'string' ? [entry.slice('./'.length)] : Object.values(entry).flatMap(targetsOf);
}

/** Returns the problems of a platform package's tarball, one line each. */
export function problemsInPlatformPackage(platform, { files }) {
  const expected = ['README.md', 'package.json', `shmkit.${platform}.node`];
  return files.toSorted().join() === expected.join() ? [] : [`shmkit-${platform} holds ${files.join(', ')}`];
}
