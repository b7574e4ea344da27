// A browser, an inspector, and objects for it to show.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const COMMAND = path.join(HERE, '../../dist/cli.js');
const SHARED_MEMORY = '/dev/shm';

/** Starts everything; `end` ends it. */
export async function openStage(...options) {
  const dir = fs.mkdtempSync(path.join(fs.existsSync(SHARED_MEMORY) ? SHARED_MEMORY : os.tmpdir(), 'shmkit-browser-'));
  const objects = spawn(process.execPath, [path.join(HERE, 'objects.mjs'), dir], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(objects.stdout, 'data');
  const inspector = spawn(process.execPath, [COMMAND, 'inspect', '--json', '--quiet', '--dir', dir, ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(inspector.stdout, 'data');
  const { address, port } = JSON.parse(String(line));
  const browser = await launch();
  return {
    dir,
    address,
    port,
    browser,
    inspector,
    async end() {
      await browser.close();
      inspector.kill('SIGINT');
      objects.stdin.end();
      await Promise.all([once(objects, 'close'), inspector.exitCode === null && inspector.signalCode === null ? once(inspector, 'close') : undefined]);
      fs.rmSync(dir, { recursive: true, force: true });
    },
  };
}

// Chromium's own sandbox does not work for root.
function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM_PATH, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}
