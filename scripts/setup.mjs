// Makes the package usable in this checkout, from nothing: packages, addon, dist. Does only what is missing or stale.
import { ensurePackage } from './setup/build.mjs';
import { explaining, say } from './setup/process.mjs';

explaining(() => {
  ensurePackage();
  say('ready');
});
