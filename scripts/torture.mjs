// The long runs that the gate has short versions of: histories, a storm of kills and stops, death at every instruction;
// and all states of the models.
// Minutes. The exit code is 0 if nothing was violated.
import { ensurePackage, ensureSpecs } from './setup/build.mjs';
import { explaining, packageScript, run } from './setup/process.mjs';

const HISTORIES = '60';
const KILLS = '500';
const AVA = packageScript('ava', 'entrypoints', 'cli.mjs');

explaining(() => {
  ensurePackage();
  ensureSpecs();
  spec('history/linearizable', { SHMKIT_HISTORIES: HISTORIES });
  spec('history/names', { SHMKIT_NAME_HISTORIES: '10', SHMKIT_NAME_PROCESSES: '64' });
  spec('fault/storm', { SHMKIT_STORM_KILLS: KILLS });
  spec('fault/siblings-storm', { SHMKIT_STORM_KILLS: KILLS });
  spec('fault/containers', { SHMKIT_STORM_KILLS: '200' });
  spec('processes/worker-cycles', { SHMKIT_WORKER_CYCLES: '1000' });
  run('cargo', ['test', '-p', 'shmkit-core', '--test', 'lifecycle_refused'], {
    env: { ...process.env, SHMKIT_ALL_REFUSALS: '1' },
  });
  run('cargo', ['run', '--release', '-p', 'shmkit-torture']);
  run(process.execPath, ['scripts/models/main.mjs']);
});

function spec(name, lengths) {
  run(process.execPath, [AVA, `build/test/${name}.spec.js`], { env: { ...process.env, ...lengths } });
}
