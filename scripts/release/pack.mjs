// Packs what is published: the package, and one package for each platform whose binary is in npm/. Publishes nothing.
//   node scripts/release/pack.mjs [platform ...]    with names: exactly these must have a binary
// The tarballs and their checksums are then in build/packages.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createHash } from 'node:crypto';
import { inspect } from '../binary/inspect.mjs';
import { platforms } from '../platforms/folders.mjs';
import { explaining, npmCommand, outputOf, ROOT, say, SetupError } from '../setup/process.mjs';
import { problemsInPlatformPackage, problemsInRoot } from './contents.mjs';

const OUTPUT = path.join(ROOT, 'build/packages');
// Of use in the repository only. Install scripts must not be: package managers do not run them.
const NOT_PUBLISHED = ['scripts', 'devDependencies', 'overrides', 'ava', 'napi'];

/** The name of a platform's binary. */
export function addonOf(platform) {
  return `shmkit.${platform}.node`;
}

/** Packs a folder; `{ file, name, size, unpackedSize, files }`. */
export function packFolder(folder, output) {
  const printed = outputOf(...npmCommand('pack', folder, '--json', '--ignore-scripts', '--pack-destination', output));
  if (printed === null) throw new SetupError(`npm could not pack ${folder}`);
  const { filename, name, size, unpackedSize, files } = JSON.parse(printed)[0];
  return { file: path.join(output, filename), name, size, unpackedSize, files: files.map((file) => file.path) };
}

/** Packs the root package with the given platforms as optional dependencies, which package.json does not name:
 *  they are not published yet when `npm ci` runs in the repository. */
export function packRoot(names, output) {
  const manifest = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  for (const key of NOT_PUBLISHED) delete manifest[key];
  manifest.optionalDependencies = Object.fromEntries(names.map((name) => [`shmkit-${name}`, manifest.version]));
  const stage = fs.mkdtempSync(path.join(output, 'stage-'));
  try {
    for (const name of packFolder(ROOT, stage).files) {
      fs.cpSync(path.join(ROOT, name), path.join(stage, 'package', name));
    }
    fs.writeFileSync(path.join(stage, 'package/package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    return packFolder(path.join(stage, 'package'), output);
  } finally {
    fs.rmSync(stage, { recursive: true, force: true });
  }
}

/** Packs everything; throws a SetupError that lists what is wrong with the packages. */
export function packAll(names, output) {
  fs.rmSync(output, { recursive: true, force: true });
  fs.mkdirSync(output, { recursive: true });
  const problems = [];
  const packed = names.map((name) => {
    const tarball = packFolder(path.join(ROOT, 'npm', name), output);
    const binary = inspect(path.join(ROOT, 'npm', name, addonOf(name)));
    problems.push(...problemsInPlatformPackage(name, tarball), ...binary.problems.map((problem) => `${addonOf(name)} ${problem}`));
    return tarball;
  });
  packed.push(packRoot(names, output));
  problems.push(...problemsInRoot(packed.at(-1)));
  if (problems.length > 0) throw new SetupError(problems.join('\n'));
  writeChecksums(output, packed);
  return packed;
}

function writeChecksums(output, packed) {
  const lines = packed.map(({ file }) => {
    const hash = createHash('sha256').update(fs.readFileSync(file)).digest('hex');
    return `${hash}  ${path.basename(file)}\n`;
  });
  fs.writeFileSync(path.join(output, 'SHA256SUMS'), lines.join(''));
}

function withBinary() {
  return platforms().filter((name) => fs.existsSync(path.join(ROOT, 'npm', name, addonOf(name))));
}

function main() {
  const there = withBinary();
  const names = process.argv.length > 2 ? process.argv.slice(2) : there;
  const missing = names.filter((name) => !there.includes(name));
  if (missing.length > 0) throw new SetupError(`no binary in npm/ for ${missing.join(', ')}`);
  if (names.length === 0) throw new SetupError('no binary in npm/: build one with `npm run build:portable`');
  for (const { file, size, unpackedSize, files } of packAll(names, OUTPUT)) {
    say(`${path.basename(file)}: ${size} bytes packed, ${unpackedSize} unpacked, ${files.length} files`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) explaining(main);
