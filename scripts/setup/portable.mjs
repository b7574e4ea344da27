// The addon as it is published for Linux with glibc: linked against an old C library, so that it loads on old systems.
//   node scripts/setup/portable.mjs    builds it into npm/
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureModules, npm, RUST_INPUTS } from './build.mjs';
import { explaining, ROOT, run, say, SetupError } from './process.mjs';
import { hashOf, isFresh, stamp } from './stamp.mjs';
import { checkRust } from './toolchain.mjs';

// Each has its own folder of tools, whose toolchains do not go together.
const TARGETS = { 'linux-x64-gnu': 'x86_64-unknown-linux-gnu' };

/** Path of the portable addon of this machine's platform, built if it is missing or stale. */
export function ensurePortable() {
  const name = `${process.platform}-${process.arch}-gnu`;
  const target = TARGETS[name];
  if (!target) throw new SetupError(`a portable addon can be built on ${Object.keys(TARGETS).join(', ')} only`);
  const tools = path.join('scripts/cross', target);
  const addon = path.join(ROOT, 'npm', name, `shmkit.${name}.node`);
  const hash = hashOf([...RUST_INPUTS, `${tools}/package-lock.json`]);
  if (fs.existsSync(addon) && isFresh(`portable-${name}`, hash)) return addon;
  checkRust();
  ensureModules();
  ensureTools(tools);
  say(`building the portable addon of ${name}`);
  run(process.execPath, [
    path.join(ROOT, tools, 'node_modules/@napi-rs/cli/dist/cli.js'),
    ...`build --platform --release --use-napi-cross --target ${target} --no-js --output-dir npm/${name}`.split(' '),
    ...'--dts ../../build/portable.d.ts --manifest-path crates/node/Cargo.toml --package-json-path package.json'.split(' '),
  ]);
  stamp(`portable-${name}`, hash);
  return addon;
}

// The parts of the toolchain are optional peers of one another, of which each target needs one.
function ensureTools(folder) {
  const hash = hashOf([`${folder}/package-lock.json`]);
  if (isFresh(`tools-${path.basename(folder)}`, hash) && fs.existsSync(path.join(ROOT, folder, 'node_modules'))) return;
  say(`installing the toolchain of ${folder}`);
  run(npm, ['ci', '--prefix', folder, '--legacy-peer-deps', '--ignore-scripts', '--no-audit', '--no-fund']);
  stamp(`tools-${path.basename(folder)}`, hash);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  explaining(() => {
    fs.mkdirSync(path.join(ROOT, 'build'), { recursive: true });
    say(`portable addon: ${path.relative(ROOT, ensurePortable())}`);
  });
}
