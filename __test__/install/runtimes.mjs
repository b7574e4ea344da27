// The runtimes that an installed package is tested with, and how each runs a program.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { npmCommand, ROOT, run, say } from '../../scripts/setup/process.mjs';
import { hashOf, isFresh, stamp } from '../../scripts/setup/stamp.mjs';

const TOOLS = path.join(path.dirname(fileURLToPath(import.meta.url)), 'tools');
const NODES = [18, 20, 22, 24, 26];

/** Returns a path inside an installed package of the test's tools. */
export function tool(...segments) {
  return path.join(TOOLS, 'node_modules', ...segments);
}

/** Installs the registry and the runtimes, if they are missing or stale. */
export function ensureTools() {
  const hash = hashOf(['__test__/install/tools/package-lock.json']);
  if (isFresh('install-tools', hash) && fs.existsSync(tool('verdaccio'))) return;
  say('installing a registry and the runtimes to try (1.2 GB)');
  const [node, args] = npmCommand('ci', '--prefix', path.relative(ROOT, TOOLS), '--ignore-scripts', '--no-audit', '--no-fund');
  run(node, args);
  stamp('install-tools', hash);
}

/** Returns `{ name, command, flags }` of each. */
export function runtimes() {
  const platform = `${process.platform}-${process.arch}`;
  return [
    ...NODES.map((major) => ({ name: `Node ${major}`, command: tool(`node${major}`, 'bin', 'node'), flags: [] })),
    { name: 'Bun', command: tool('@oven', `bun-${platform}`, 'bin', 'bun'), flags: ['run'] },
    { name: 'Deno', command: tool('@deno', `${platform}-glibc`, 'deno'), flags: ['run', '--allow-all', '--node-modules-dir=manual'] },
  ];
}

/** Returns what a program printed, or the last line of its error. */
export function attempt({ command, flags }, program, args, folder, environment) {
  const result = spawnSync(command, [...flags, program, ...args], { cwd: folder, env: environment, encoding: 'utf8' });
  if (result.error) return result.error.message;
  if (result.status === 0) return result.stdout.trim();
  return (/^.*Error.*$/m.exec(result.stderr)?.[0] ?? result.stderr.trim().split('\n').at(-1)).trim();
}
