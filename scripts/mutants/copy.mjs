// A copy of the package that may be broken: sources, built files, and the compiled tests. The tests are inside the copy,
// so they load it by the package's name.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { bundle } from '../setup/build.mjs';
import { ROOT, run } from '../setup/process.mjs';
import { applied } from './edits.mjs';

const HOME = path.join(process.env.CARGO_TARGET_DIR ?? path.join(ROOT, 'target'), 'mutants');
/** The tests' other dependencies are found in node_modules of the checkout, which is a parent directory. */
const PARTS = [
  'package.json', 'index.js', 'build/test',
  'src', 'dist', 'tsconfig.base.json', 'scripts/setup',
  'Cargo.toml', 'Cargo.lock', 'build.rs', 'crates',
];
/** The same code as the published addon, with fewer optimisations, so that it builds faster. */
const PROFILE = { CARGO_PROFILE_RELEASE_LTO: 'off', CARGO_PROFILE_RELEASE_CODEGEN_UNITS: '16' };

export class Copy {
  root = path.join(HOME, 'package');
  /** Files that differ from the checkout's. */
  #broken = new Set();

  constructor() {
    fs.rmSync(this.root, { recursive: true, force: true });
    // Keeps modification times, so that Cargo rebuilds only what changed.
    for (const part of PARTS) fs.cpSync(path.join(ROOT, part), path.join(this.root, part), { recursive: true, preserveTimestamps: true });
  }

  /** Undoes the previous edits, makes these, and builds everything. */
  breakBy(edits) {
    this.#edit(edits);
    this.#build();
  }

  /** Undoes the previous edits, makes these, and runs one test of the engine. Returns its exit code and what it prints. */
  testBrokenBy(edits, test) {
    this.#edit(edits);
    const args = ['test', '--locked', '--quiet', '-p', 'shmkit-dict', '--lib', '--', '--exact', test];
    const { status, stdout, stderr } = spawnSync('cargo', args, {
      cwd: this.root,
      encoding: 'utf8',
      env: { ...process.env, CARGO_TARGET_DIR: path.join(HOME, 'cargo') },
      maxBuffer: 2 ** 28,
    });
    return { status, output: `${stdout}${stderr}` };
  }

  #edit(edits) {
    for (const file of this.#broken) this.#write(file, fs.readFileSync(path.join(ROOT, file), 'utf8'));
    this.#broken.clear();
    for (const [file, text] of applied(edits, (name) => fs.readFileSync(path.join(this.root, name), 'utf8'))) {
      this.#write(file, text);
      this.#broken.add(file);
    }
  }

  #write(file, text) {
    fs.writeFileSync(path.join(this.root, file), text);
  }

  #build() {
    bundle(this.root);
    const target = path.join(HOME, 'cargo');
    run('cargo', ['build', '--release', '--locked', '--quiet', '-p', 'shmkit-node'], {
      cwd: this.root,
      env: { ...process.env, ...PROFILE, CARGO_TARGET_DIR: target },
    });
    const library = process.platform === 'darwin' ? 'libshmkit_node.dylib' : 'libshmkit_node.so';
    const addon = fs.readdirSync(ROOT).find((name) => name.endsWith('.node'));
    fs.copyFileSync(path.join(target, 'release', library), path.join(this.root, addon));
  }
}
