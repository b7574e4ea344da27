// Tests the inspector's page in a real browser: npm run test:inspector [-- --required] [-- --screenshots].
// Installs what that needs, and says so where it cannot; with --required that is a failure.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePackage, npm } from '../../scripts/setup/build.mjs';
import { findBrowser } from './chromium.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const { required, screenshots } = parseArgs({ options: { required: { type: 'boolean' }, screenshots: { type: 'boolean' } } }).values;

ensurePackage();
const installed = spawnSync(npm, ['install', '--ignore-scripts', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel', 'error'], { cwd: HERE, stdio: 'inherit' });
const found = installed.status === 0 ? findBrowser(HERE) : { reason: 'playwright-core cannot be installed' };
if (found.browser === undefined) {
  process.stdout.write(`NOT RUN: ${found.reason}\n`);
  process.exit(required ? 1 : 0);
}
process.stdout.write(`with ${found.browser}\n`);
const args = screenshots ? ['screenshots.mjs'] : ['--test', '--test-reporter', 'spec', 'page.test.mjs'];
process.exitCode = spawnSync(process.execPath, args, { cwd: HERE, stdio: 'inherit', env: { ...process.env, CHROMIUM_PATH: found.browser } }).status ?? 1;
