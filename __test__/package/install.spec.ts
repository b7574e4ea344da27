import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';

const ROOT = path.join(__dirname, '..', '..', '..');

interface Packed {
  filename: string;
  files: Array<{ path: string }>;
}

function npm(cwd: string, ...args: string[]): string {
  return execFileSync('npm', [...args, '--ignore-scripts'], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

function pack(folder: string, destination: string): Packed {
  const printed = npm(folder, 'pack', '--json', '--pack-destination', destination);
  return (JSON.parse(printed) as Packed[])[0] as Packed;
}

/** Packs the package of this platform, with the addon that was built here. */
function makePlatformPackage(t: ExecutionContext<unknown>, directory: string): string {
  const addon = fs.readdirSync(ROOT).find((name) => name.endsWith('.node')) as string;
  const platform = addon.split('.')[1] as string;
  const folder = path.join(directory, 'platform');
  fs.cpSync(path.join(ROOT, 'npm', platform), folder, { recursive: true });
  fs.copyFileSync(path.join(ROOT, addon), path.join(folder, addon));
  t.true(fs.existsSync(path.join(folder, 'package.json')), `npm/${platform} exists`);
  return folder;
}

test('package: the packed one is complete, has nothing else, and works when installed', (t) => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'shmkit-package-'));
  t.teardown(() => fs.rmSync(directory, { recursive: true, force: true }));
  const root = pack(ROOT, directory);
  const platform = pack(makePlatformPackage(t, directory), directory);
  const files = root.files.map((file) => file.path);
  for (const needed of ['index.js', 'index.d.ts', 'package.json', 'README.md', 'LICENSE', 'dist/types.d.ts']) {
    t.true(files.includes(needed), needed);
  }
  t.deepEqual(
    files.filter((file) => /\.node$|\.rs$|^(src|crates|scripts|__test__|bench|examples|build)\//.test(file)),
    [],
  );
  const consumer = path.join(directory, 'consumer');
  fs.mkdirSync(consumer);
  fs.writeFileSync(path.join(consumer, 'package.json'), '{"name":"consumer","version":"1.0.0"}');
  npm(consumer, 'install', '--offline', '--no-audit', '--no-fund', ...[root, platform].map(({ filename }) => path.join(directory, filename)));
  const use = "const d = SharedDict.create('installed-' + process.pid, '64kb'); d.set('a', 1); console.log(d.get('a')); d.close();";
  for (const [type, load] of [
    ['commonjs', "const { SharedDict } = require('shmkit');"],
    ['module', "import { SharedDict } from 'shmkit';"],
  ] as const) {
    const printed = execFileSync(process.execPath, [`--input-type=${type}`, '--eval', load + use], { cwd: consumer, encoding: 'utf8' });
    t.is(printed.trim(), '1', type);
  }
});
