// The folders of npm/, one per platform package, generated from package.json.
//   node scripts/platforms/folders.mjs    regenerates them
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageScript, ROOT } from '../setup/process.mjs';

/** Returns the platforms, named as the folders of npm/. */
export function platforms() {
  return fs.readdirSync(path.join(ROOT, 'npm')).toSorted();
}

/** Returns the Rust target of a platform. */
export function targetOf(platform) {
  const [system, arch, abi] = platform.split('-');
  const cpu = { x64: 'x86_64', arm64: 'aarch64' }[arch];
  return `${cpu}-${{ linux: `unknown-linux-${abi}`, darwin: 'apple-darwin', win32: 'pc-windows-msvc', freebsd: 'unknown-freebsd' }[system]}`;
}

/** Returns the files that npm/ must contain besides the binaries, as a map from path in npm/ to text. */
export function expectedFiles() {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'shmkit-npm-'));
  try {
    const manifest = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
    // npm silently skips an optional package whose engines do not match, so the binary would be missing under an
    // unlisted Node.js without any hint at the reason. The engines of the root package produce a warning.
    delete manifest.engines;
    fs.writeFileSync(path.join(scratch, 'package.json'), JSON.stringify(manifest));
    const napi = packageScript('@napi-rs', 'cli', 'dist', 'cli.js');
    execFileSync(process.execPath, [napi, 'create-npm-dirs', '--npm-dir', 'npm'], { cwd: scratch, stdio: 'pipe' });
    return filesOf(path.join(scratch, 'npm'));
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

function filesOf(folder) {
  const names = fs.readdirSync(folder, { recursive: true }).map((name) => name.replaceAll('\\', '/'));
  const files = names.filter((name) => fs.statSync(path.join(folder, name)).isFile()).toSorted();
  return new Map(files.map((name) => [name, fs.readFileSync(path.join(folder, name), 'utf8')]));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const [name, text] of expectedFiles()) {
    const file = path.join(ROOT, 'npm', name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }
}
