// Writes an SBOM, a bill of materials in CycloneDX format, for each package: npm generates that of the root package, which
// bundles no other code, and cargo-cyclonedx those of the addons.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { npmCommand, outputOf, ROOT, SetupError } from '../setup/process.mjs';

const TOOL = 'cargo-cyclonedx@0.5.9';
const CRATE = 'crates/node';
/** The name of the files that cargo-cyclonedx leaves in the folder of each crate. */
const SCRATCH = 'shmkit-sbom';

/** Returns whether cargo-cyclonedx is installed. */
export function canWriteSboms() {
  return outputOf('cargo', ['cyclonedx', '--version']) !== null;
}

/** Writes the SBOM of each package into `output` and returns the paths. `binaries` are `{ platform, target, file }`. */
export function writeSboms(version, binaries, output) {
  if (!canWriteSboms()) throw new SetupError(`cargo-cyclonedx is not installed: cargo install --locked ${TOOL}`);
  const addons = binaries.map(({ platform, target, file }) => [`shmkit-${platform}`, sbomOfAddon(`shmkit-${platform}`, target, file)]);
  return [['shmkit', sbomOfRoot()], ...addons].map(([name, sbom]) => {
    const file = path.join(output, `${name}-${version}.cdx.json`);
    fs.writeFileSync(file, `${JSON.stringify(sbom, null, 2)}\n`);
    return file;
  });
}

function sbomOfRoot() {
  const printed = outputOf(...npmCommand('sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev', '--package-lock-only'));
  if (printed === null) throw new SetupError('`npm sbom` failed');
  const sbom = JSON.parse(printed);
  // npm takes the name of the folder.
  sbom.metadata.component.name = 'shmkit';
  return sbom;
}

function sbomOfAddon(name, target, file) {
  const options = ['--format', 'json', '--spec-version', '1.5', '--target', target, '--override-filename', SCRATCH];
  try {
    const printed = outputOf('cargo', ['cyclonedx', '--quiet', '--manifest-path', `${CRATE}/Cargo.toml`, ...options]);
    if (printed === null) throw new SetupError(`cargo-cyclonedx failed for ${target}`);
    // Paths on this machine are of no use elsewhere.
    const text = fs.readFileSync(path.join(ROOT, CRATE, `${SCRATCH}.json`), 'utf8').replaceAll(ROOT, '');
    const sbom = JSON.parse(text);
    const { component } = sbom.metadata;
    const content = createHash('sha256').update(fs.readFileSync(file)).digest('hex');
    Object.assign(component, { name, purl: `pkg:npm/${name}@${component.version}`, hashes: [{ alg: 'SHA-256', content }] });
    delete component.components;
    return sbom;
  } finally {
    const crates = fs.readdirSync(path.join(ROOT, 'crates'));
    for (const crate of crates) fs.rmSync(path.join(ROOT, 'crates', crate, `${SCRATCH}.json`), { force: true });
  }
}
