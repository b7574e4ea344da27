// Builds each part if, and only if, its inputs have changed.
import fs from 'node:fs';
import path from 'node:path';
import { addonCommand } from './addon.mjs';
import { packageScript, ROOT, run, say } from './process.mjs';
import { hashOf, isFresh, stamp } from './stamp.mjs';
import { checkNode, checkRust } from './toolchain.mjs';

export const RUST_INPUTS = ['crates', 'Cargo.toml', 'Cargo.lock', 'build.rs'];
const FLOOR_INPUTS = ['bench/floor'];
export const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** Makes the package ready for use in this checkout. */
export function ensurePackage() {
  checkNode();
  ensureModules();
  ensureAddon();
  ensureDist();
}

/** Installs the packages that package-lock.json names. */
export function ensureModules() {
  const hash = hashOf(['package-lock.json'], process.version);
  if (isFresh('modules', hash)) return;
  say('installing the packages for building and testing (npm ci)');
  run(npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { shell: process.platform === 'win32' });
  stamp('modules', hash);
}

/** Builds the addon for this machine, next to package.json. */
export function ensureAddon() {
  const hash = hashOf(RUST_INPUTS, `${process.platform} ${process.arch}`);
  const built = fs.readdirSync(ROOT).some((name) => name.endsWith('.node'));
  if (built && isFresh('addon', hash)) return;
  checkRust();
  say('building the addon (cargo, release: about a minute the first time)');
  run(...addonCommand('.'));
  stamp('addon', hash);
}

/** Compiles src to dist: one JavaScript file, another for the command line, and the types. */
export function ensureDist() {
  const hash = hashOf(['src', 'index.d.ts', 'types', 'scripts/setup/bundle.config.mjs', 'scripts/setup/inspector.mjs', 'scripts/setup/notices.mjs', 'package.json']);
  if (exists('dist') && isFresh('dist', hash)) return;
  say('compiling src to dist');
  fs.rmSync(path.join(ROOT, 'dist'), { recursive: true, force: true });
  compile('src');
  compile('src/cli');
  compile('src/inspect');
  compile('src/inspect/page');
  // Against the public types, some of which are in dist.
  compile('src/adapters');
  compile('src/valkey');
  bundle();
  stamp('dist', hash);
}

/** Bundles the sources of a folder with this repository's layout into its dist. */
export function bundle(root = ROOT) {
  const rolldown = packageScript('rolldown', 'bin', 'cli.mjs');
  run(process.execPath, [rolldown, '--config', 'scripts/setup/bundle.config.mjs', '--log-level', 'warn'], { cwd: root });
}

/** Compiles the specs and their child programs to build/test. */
export function ensureSpecs() {
  const hash = hashOf(['__test__', 'index.d.ts', 'types', 'src']);
  if (exists('build/test') && isFresh('specs', hash)) return;
  say('compiling __test__ to build/test');
  fs.rmSync(path.join(ROOT, 'build/test'), { recursive: true, force: true });
  compile('__test__');
  stamp('specs', hash);
}

/** Builds the benchmark's floor: functions that cross into native code and do nothing else. */
export function ensureFloor() {
  const hash = hashOf(FLOOR_INPUTS, process.platform);
  if (exists('build/floor.node') && isFresh('floor', hash)) return;
  checkRust();
  say("building the benchmark's floor");
  const target = path.join(process.env.CARGO_TARGET_DIR ?? path.join(ROOT, 'target'), 'floor');
  run('cargo', ['build', '--release', '--locked', '--manifest-path', 'bench/floor/Cargo.toml', '--target-dir', target]);
  fs.mkdirSync(path.join(ROOT, 'build'), { recursive: true });
  fs.copyFileSync(path.join(target, 'release', libraryName('shmkit_floor')), path.join(ROOT, 'build/floor.node'));
  stamp('floor', hash);
}

function compile(project) {
  run(process.execPath, [packageScript('typescript', 'bin', 'tsc'), '-p', project]);
}

function exists(name) {
  return fs.existsSync(path.join(ROOT, name));
}

function libraryName(crate) {
  if (process.platform === 'win32') return `${crate}.dll`;
  return process.platform === 'darwin' ? `lib${crate}.dylib` : `lib${crate}.so`;
}
