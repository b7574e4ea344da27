// The messages that users see when the binary is missing or unfit.
import fs from 'node:fs';
import path from 'node:path';
import { install } from './project.mjs';
import { attempt } from './runtimes.mjs';

const LOAD = "try { (await import('shmkit')).SharedDict; console.log('loaded'); } catch (error) { console.log(error.code, error.message); }";

/** Tries each case; `expect(what, found, wanted)` takes the outcome. */
export function tryFailures({ folder, project, registry, environment, here, expect }) {
  const load = (where) => {
    fs.writeFileSync(path.join(where, 'load.mjs'), LOAD);
    return attempt({ command: process.execPath, flags: [] }, 'load.mjs', [], where, environment);
  };
  const omitted = path.join(folder, 'omitted');
  install(omitted, registry, environment, '--omit=optional');
  expect('message after --omit=optional', load(omitted), new RegExp(`^ERR_SHM_UNSUPPORTED .*shmkit-${here} is not installed`));

  const moved = path.join(folder, 'moved');
  install(moved, registry, environment, '--os=darwin', '--cpu=arm64');
  expect('message after moving node_modules here', load(moved), new RegExp(`^ERR_SHM_UNSUPPORTED .*shmkit-${here} is not installed`));

  const damaged = path.join(folder, 'damaged');
  fs.cpSync(project, damaged, { recursive: true });
  fs.writeFileSync(path.join(damaged, 'node_modules', `shmkit-${here}`, `shmkit.${here}.node`), Buffer.alloc(4096));
  expect('message for a damaged binary', load(damaged), /^ERR_SHM_UNSUPPORTED .*does not load: /);
}
