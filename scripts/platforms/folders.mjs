// The folders of npm/, one for each package that holds the binary of one platform, made from package.json.
//   node scripts/platforms/folders.mjs    writes them anew
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageScript, ROOT } from '../setup/process.mjs';

/** The platforms of package.json, by the names of their folders. */
export function platforms() {
  return fs.readdirSync(path.join(ROOT, 'npm')).toSorted();
}

/** Every file that npm/ must hold, apart from the binaries: its path below npm/, and its text. */
export function expectedFiles() {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'shmkit-npm-'));
  try {
    const manifest = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
    // npm leaves out an optional package whose engines do not match and says nothing, so that a system with
    // an unlisted Node would lack the binary and blame the loader. The root package's engines do warn.
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
