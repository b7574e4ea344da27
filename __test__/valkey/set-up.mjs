// What every program here needs first: the package, a server, and the clients of both tiers.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { ensurePackage, npm } from '../../scripts/setup/build.mjs';
import { ROOT, say, SetupError } from '../../scripts/setup/process.mjs';
import { hashOf, isFresh, stamp } from '../../scripts/setup/stamp.mjs';
import { ensureValkey } from '../../scripts/setup/valkey.mjs';

const CLIENTS = path.join(ROOT, '__test__/valkey/clients');

/** Returns the path of the server's program; null, and says why, if it cannot be had. */
export function ensureServer() {
  ensurePackage();
  const { server, reason } = ensureValkey();
  if (server === null) say(`NOT RUN: ${reason}`);
  else installClients();
  return server;
}

function installClients() {
  const manifest = path.join(CLIENTS, 'package.json');
  const hash = hashOf([path.relative(ROOT, manifest)]);
  if (fs.existsSync(path.join(CLIENTS, 'node_modules')) && isFresh('valkey-clients', hash)) return;
  const args = ['install', '--ignore-scripts', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel', 'error'];
  if (spawnSync(npm, args, { cwd: CLIENTS, stdio: 'inherit' }).status !== 0) throw new SetupError('the clients could not be installed');
  stamp('valkey-clients', hash);
}
