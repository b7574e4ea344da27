// Makes the package usable in this checkout, from nothing: packages, addon, dist. Does only what is missing or stale.
import { ensureAddon, ensureDist, ensureModules } from './setup/build.mjs';
import { say, SetupError } from './setup/process.mjs';
import { checkNode } from './setup/toolchain.mjs';

try {
  checkNode();
  ensureModules();
  ensureAddon();
  ensureDist();
  say('ready');
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  say(error.message);
  process.exitCode = 1;
}
