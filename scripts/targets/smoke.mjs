// Builds the addon for another system, and runs __test__/cross/smoke.cjs with it in an emulator of that system.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { npmCommand, ROOT, run, say } from '../setup/process.mjs';
import { cargoFor } from './cargo.mjs';
import { FOLDER } from './platforms.mjs';

const LIMIT_MS = 600_000;
const FAST = { CARGO_PROFILE_RELEASE_LTO: 'off', CARGO_PROFILE_RELEASE_OPT_LEVEL: '1', CARGO_PROFILE_RELEASE_CODEGEN_UNITS: '16' };

/** Runs the smoke test, prints its report, and returns whether it passed. */
export function trySmoke(name, platform) {
  const addon = buildAddon(name, platform);
  const node = fetchNode(platform);
  const { env: extra = {}, ...tools } = platform.prepare?.(FOLDER) ?? {};
  const report = path.join(FOLDER, name, 'report.txt');
  fs.rmSync(report, { force: true });
  const [program, ...args] = [...platform.runner(tools), node];
  const peer = platform.peer?.() ?? [program, ...args];
  // A file, because a pipe as standard output breaks Node.js in wine.
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

/** Builds the addon and returns its path. */
export function buildAddon(name, platform) {
  const { program, build, flags, env, folder, how } = cargoFor(platform);
  say(`${name}: building the addon for ${platform.target}, ${how}`);
  run(program, [build, '--release', '--locked', '-p', 'shmkit-node', '--target', platform.target, ...flags], { env: { ...env, ...FAST, ...platform.env } });
  const addon = path.join(FOLDER, name, `shmkit.${name}.node`);
  fs.mkdirSync(path.dirname(addon), { recursive: true });
  fs.copyFileSync(path.join(folder, platform.target, 'release', platform.library), addon);
  return addon;
}

/** Downloads Node.js for the platform if it is missing, and returns its program. */
export function fetchNode({ node }) {
  if (typeof node === 'function') return node(FOLDER);
  const [wanted, program] = node;
  const folder = path.join(FOLDER, 'node', wanted);
  const file = path.join(folder, 'node_modules', wanted.split('@')[0], program);
  if (!fs.existsSync(file)) {
    // npm refuses a package for another system without --force. The package's install script is not needed.
    run(...npmCommand('install', '--prefix', folder, '--no-save', '--force', '--ignore-scripts', '--no-audit', '--no-fund', wanted));
  }
  fs.chmodSync(file, 0o755);
  return file;
}
