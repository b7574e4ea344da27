// Installs the packed packages of one platform from files, and uses them in two processes. For systems that have only
// Node: no network, no compiler, no writable checkout.
//   node offline.mjs <folder with the tarballs>
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const packages = path.resolve(process.argv[2]);
const tarballs = fs.readdirSync(packages).filter((name) => name.endsWith('.tgz')).map((name) => path.join(packages, name));

const project = fs.mkdtempSync(path.join(os.tmpdir(), 'shmkit-offline-'));
try {
  fs.writeFileSync(path.join(project, 'package.json'), '{"name":"consumer","version":"1.0.0","private":true}');
  fs.cpSync(path.join(HERE, 'consumer'), project, { recursive: true });
  execFileSync('npm', ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', ...tarballs], { cwd: project, stdio: 'inherit' });
  use();
} finally {
  fs.rmSync(project, { recursive: true, force: true });
}

function use() {
  const { SharedDict } = createRequire(path.join(project, 'package.json'))('shmkit');
  const name = `offline-${process.pid}`;
  const dict = SharedDict.create(name, '256kb');
  for (const program of ['cjs.cjs', 'esm.mjs']) {
    execFileSync(process.execPath, [program, name, 'count'], { cwd: project, stdio: 'inherit' });
  }
  const count = dict.get('count');
  dict.close();
  if (count !== 2) throw new Error(`two processes counted ${count}`);
  process.stdout.write(`installed and used on ${process.platform} ${process.arch}, Node ${process.version}\n`);
}
