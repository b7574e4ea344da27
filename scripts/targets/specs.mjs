// Runs those specs of the package on another system in which processes share memory, wait for each other, and are killed.
// Tests that the system cannot pass are listed with the reason, printed and counted; no others are left out.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { packageScript, ROOT, run, say } from '../setup/process.mjs';
import { FOLDER } from './platforms.mjs';
import { buildAddon, fetchNode } from './smoke.mjs';

const LIMIT_MS = 1_200_000;
const SPECS = [
  'channel/killed',
  'channel/messages',
  'events/wait-for',
  'events/watch',
  'growth/growth',
  'growth/listing',
  'mutex/mutex',
  'mutex/owner-died',
  'queue/growth',
  'ring/killed',
  'ring/messages',
  'ring/order',
  'segments/basics',
  'segments/capacity',
  'semaphore/counting',
  'semaphore/holders',
  'semaphore/waiting',
];
/** Titles of tests, by reason. */
const LEFT_OUT = {
  'Windows has no limit on the size of files': ['SharedDict: a lower limit on the size of files than maxSize needs is ERR_SHM_NO_SPACE'],
  'rings have sizes in units of 64 KiB on Windows': [
    'SharedRing: the capacity is rounded up to a page, and compared rounded',
    'SharedRing: trySendMany and tryReceiveMany pass as many as there is room for',
    'SharedRing: a full ring has room again as soon as a message was received',
  ],
  'shrinking a segment releases no space on Windows': ['SharedSegment: memory past a smaller capacity is freed, and comes back as zeros'],
  'no signal stops a process on Windows': [
    'SharedRing: a stopped sender loses no message and stops others only until it resumes',
    'SharedMutex: a stopped holder keeps the mutex',
    'holders: a stopped holder keeps its permits',
  ],
  'wine keeps an access list as a mode of Unix, which is another one when it is read': [
    'SharedMutex: a holder excludes other handles until release, and tokens grow',
    'SharedMutex: lock returns null at its timeout, rejects on abort, and takes nothing',
    'SharedMutex: close frees the mutex and rejects the waits of the handle',
    'SharedMutex: lockSync throws when a handle of the same thread holds the mutex',
  ],
};

/** Runs the specs, and returns whether all of them passed. */
export function trySpecs(name, platform) {
  if (!platform.runsSpecs) return true;
  const addon = platform.pathThere(buildAddon(name, platform));
  run(process.execPath, [packageScript('typescript', 'bin', 'tsc'), '-p', '__test__']);
  const { env: extra = {}, ...tools } = platform.prepare?.(FOLDER) ?? {};
  const [program, ...args] = [...platform.runner(tools), fetchNode(platform)];
  const titles = Object.values(LEFT_OUT).flat();
  const log = path.join(FOLDER, name, 'specs.txt');
  const output = fs.openSync(log, 'w');
  const env = { ...process.env, ...extra, NAPI_RS_NATIVE_LIBRARY_PATH: addon };
  const files = SPECS.map((spec) => `build/test/${spec}.spec.js`);
  const ava = ['node_modules/ava/entrypoints/cli.mjs', '--tap', ...titles.flatMap((title) => ['--match', `!${title}`]), ...files];
  say(`${name}: running specs of the package`);
  spawnSync(program, [...args, ...ava], { cwd: ROOT, env, stdio: ['ignore', output, output], timeout: LIMIT_MS });
  fs.closeSync(output);
  const lines = fs.readFileSync(log, 'utf8').split(/\r?\n/);
  const count = (pattern) => lines.filter((line) => pattern.test(line)).length;
  const [passed, failed] = [count(/^ok /), count(/^not ok /)];
  for (const [why, left] of Object.entries(LEFT_OUT)) say(`${name}:   left out, ${why}: ${left.join(', ')}`);
  for (const line of lines.filter((text) => text.startsWith('not ok '))) say(`${name}:   ${line}`);
  const isWhole = lines.some((line) => /^1\.\.\d+/.test(line));
  say(`${name}: specs: ${passed} passed, ${failed} failed, ${titles.length} left out${isWhole ? '' : `; they did not end (${path.relative(ROOT, log)})`}`);
  return isWhole && failed === 0 && passed > 0;
}
