// Builds the addon as it is published for Linux: linked with tools other than this machine's, so that it loads on old systems.
//   node scripts/setup/portable.mjs [platform ...]    builds it into npm/, by default for this machine's platform
// glibc: toolchains of napi-rs, from npm, with glibc 2.17 or older. musl: zig, from PyPI, which includes musl.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { zigPrograms } from '../targets/musl.mjs';
import { adviceFor, rustFor } from '../targets/rust.mjs';
import { addonCommand } from './addon.mjs';
import { ensureModules, npm, RUST_INPUTS } from './build.mjs';
import { explaining, packageScript, ROOT, run, say, SetupError } from './process.mjs';
import { hashOf, isFresh, stamp } from './stamp.mjs';
import { checkRust } from './toolchain.mjs';

const TARGETS = {
  'linux-x64-gnu': 'x86_64-unknown-linux-gnu',
  'linux-arm64-gnu': 'aarch64-unknown-linux-gnu',
  'linux-x64-musl': 'x86_64-unknown-linux-musl',
  'linux-arm64-musl': 'aarch64-unknown-linux-musl',
};

/** Builds the portable addon of a platform if it is missing or stale, and returns its path. */
export function ensurePortable(name = `${process.platform}-${process.arch}-gnu`) {
  const target = TARGETS[name];
  if (!target) throw new SetupError(`portable addons are those of ${Object.keys(TARGETS).join(', ')}, not of ${name}`);
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new SetupError('portable addons can be built on Linux x64 only, where their toolchains run');
  const addon = path.join(ROOT, 'npm', name, `shmkit.${name}.node`);
  const hash = hashOf([...RUST_INPUTS, 'scripts/setup/portable.mjs', 'scripts/targets', `scripts/cross/${target}/package-lock.json`]);
  if (fs.existsSync(addon) && isFresh(`portable-${name}`, hash)) return addon;
  checkRust();
  const rust = rustFor(target);
  if (!rust) throw new SetupError(`no Rust for ${target}: ${adviceFor(target)}`);
  ensureModules();
  const { cli, flags, env } = name.endsWith('-musl') ? withZig(rust) : withToolchain(target, rust);
  say(`building the portable addon of ${name}, ${rust.how}`);
  run(...addonCommand(`npm/${name}`, { cli, flags: [flags, '--target', target], cargoFlags: rust.flags }), { env });
  stamp(`portable-${name}`, hash);
  return addon;
}

function withZig({ env }) {
  // CARGO would take precedence over the cargo-zigbuild in the PATH.
  const clean = { ...env, CARGO: undefined, PATH: `${zigPrograms()}:${env.PATH}` };
  return { cli: packageScript('@napi-rs', 'cli', 'dist', 'cli.js'), flags: '--cross-compile', env: clean };
}

// Each target has its own folder of tools: toolchains of different targets conflict, and each toolchain is an optional peer
// dependency, of which a target needs exactly one.
function withToolchain(target, { env }) {
  const folder = `scripts/cross/${target}`;
  const hash = hashOf([`${folder}/package-lock.json`]);
  if (!isFresh(`tools-${target}`, hash) || !fs.existsSync(path.join(ROOT, folder, 'node_modules'))) {
    say(`installing the toolchain of ${folder}`);
    run(npm, ['ci', '--prefix', folder, '--legacy-peer-deps', '--ignore-scripts', '--no-audit', '--no-fund']);
    stamp(`tools-${target}`, hash);
  }
  return { cli: path.join(ROOT, folder, 'node_modules/@napi-rs/cli/dist/cli.js'), flags: '--use-napi-cross', env };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  explaining(() => {
    fs.mkdirSync(path.join(ROOT, 'build'), { recursive: true });
    const names = process.argv.slice(2);
    for (const name of names.length > 0 ? names : [undefined]) say(`portable addon: ${path.relative(ROOT, ensurePortable(name))}`);
  });
}
