// Packs everything that a release publishes: the package, and one package per platform whose binary is in npm/.
//   node scripts/release/pack.mjs [--sbom] [platform ...]    packs the named platforms; each must have a binary
// Writes tarballs, SBOMs and checksums to build/packages. Publishes nothing. SBOMs need cargo-cyclonedx; with --sbom it is an
// error if that is not installed.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { createHash } from 'node:crypto';
import { inspect } from '../binary/inspect.mjs';
import { platforms, targetOf } from '../platforms/folders.mjs';
import { explaining, npmCommand, outputOf, ROOT, say, SetupError } from '../setup/process.mjs';
import { problemsInPlatformPackage, problemsInRoot } from './contents.mjs';
import { canWriteSboms, writeSboms } from './sbom.mjs';

const OUTPUT = path.join(ROOT, 'build/packages');
// Keys of package.json that are of use only in the repository.
const NOT_PUBLISHED = ['scripts', 'devDependencies', 'overrides', 'ava', 'napi'];

/** Returns the file name of a platform's binary. */
export function addonOf(platform) {
  return `shmkit.${platform}.node`;
}

/** Packs a folder and returns `{ file, name, size, unpackedSize, files }`. */
export function packFolder(folder, output) {
  const printed = outputOf(...npmCommand('pack', folder, '--json', '--ignore-scripts', '--pack-destination', output));
  if (printed === null) throw new SetupError(`npm could not pack ${folder}`);
  const { filename, name, size, unpackedSize, files } = JSON.parse(printed)[0];
  return { file: path.join(output, filename), name, size, unpackedSize, files: files.map((file) => file.path) };
}

/**
 * Packs the root package, with the given platforms as optional dependencies. package.json does not list them, because
 * `npm ci` in the repository would look for versions that are not published yet.
 */
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

/** Packs everything. Throws a SetupError that lists the problems of the packages. */
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
  return packed;
}

function writeChecksums(output, files) {
  const lines = files.map((file) => {
    const hash = createHash('sha256').update(fs.readFileSync(file)).digest('hex');
    return `${hash}  ${path.basename(file)}\n`;
  });
  fs.writeFileSync(path.join(output, 'SHA256SUMS'), lines.join(''));
}

function withBinary() {
  return platforms().filter((name) => fs.existsSync(path.join(ROOT, 'npm', name, addonOf(name))));
}

/** Writes the SBOMs if that is possible or demanded, and returns their paths. */
function sboms(names, isDemanded) {
  if (!isDemanded && !canWriteSboms()) {
    say('NO SBOM was written: cargo-cyclonedx is not installed');
    return [];
  }
  const { version } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  const binaries = names.map((name) => ({ platform: name, target: targetOf(name), file: path.join(ROOT, 'npm', name, addonOf(name)) }));
  return writeSboms(version, binaries, OUTPUT);
}

function main() {
  const there = withBinary();
  const { values, positionals } = parseArgs({ options: { sbom: { type: 'boolean' } }, allowPositionals: true });
  const names = positionals.length > 0 ? positionals : there;
  const missing = names.filter((name) => !there.includes(name));
  if (missing.length > 0) throw new SetupError(`no binary in npm/ for ${missing.join(', ')}`);
  if (names.length === 0) throw new SetupError('no binary in npm/: build one with `npm run build:portable`');
  const packed = packAll(names, OUTPUT);
  for (const { file, size, unpackedSize, files } of packed) {
    say(`${path.basename(file)}: ${size} bytes packed, ${unpackedSize} unpacked, ${files.length} files`);
  }
  writeChecksums(OUTPUT, [...packed.map(({ file }) => file), ...sboms(names, values.sbom)]);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) explaining(main);
