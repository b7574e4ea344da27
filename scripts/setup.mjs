// Makes the package usable in this checkout: installs packages, builds the addon and dist. Does only what is missing or stale.
import { ensurePackage } from './setup/build.mjs';
import { explaining, say } from './setup/process.mjs';

explaining(() => {
  ensurePackage();
  say('ready');
});
