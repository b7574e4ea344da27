// The long runs that the gate has short versions of: a storm of kills and stops, and death at every instruction.
// Minutes. The exit code is 0 if nothing was violated.
import { ensurePackage, ensureSpecs } from './setup/build.mjs';
import { explaining, packageScript, run } from './setup/process.mjs';

const KILLS = '500';

explaining(() => {
  ensurePackage();
  ensureSpecs();
  run('cargo', ['run', '--release', '-p', 'shmkit-torture']);
  run(process.execPath, [packageScript('ava', 'entrypoints', 'cli.mjs'), 'build/test/fault/storm.spec.js'], {
    env: { ...process.env, SHMKIT_STORM_KILLS: KILLS },
  });
});
