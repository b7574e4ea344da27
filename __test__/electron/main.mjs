// One dictionary shared by plain Node and an Electron application: main process, utility process, and a page's
// preload script with context isolation. The application is packed as an asar archive, the addon beside it.
//   npm run test:electron [-- --required]    Linux; the binary: ELECTRON_PATH, or an installed package `electron`
import { createPackageWithOptions } from '@electron/asar';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { addonOf, packFolder, packRoot } from '../../scripts/release/pack.mjs';
import { ensurePackage } from '../../scripts/setup/build.mjs';
import { explaining, npmCommand, outputOf, ROOT, say, SetupError } from '../../scripts/setup/process.mjs';
import { copyRuntime, findElectron } from './runtime.mjs';

const APP = path.join(path.dirname(fileURLToPath(import.meta.url)), 'app');
const NODE_PROCESSES = ['main', 'utility', 'preload'];

/** Packs the application with the packages installed in it, as an archive in `resources`. */
async function packApp(folder, resources) {
  const app = path.join(folder, 'app');
  fs.cpSync(APP, app, { recursive: true });
  const [, platform] = fs.readdirSync(ROOT).find((name) => /^shmkit\..*\.node$/.test(name)).split('.');
  const stage = path.join(folder, 'platform');
  fs.cpSync(path.join(ROOT, 'npm', platform), stage, { recursive: true });
  fs.copyFileSync(path.join(ROOT, addonOf(platform)), path.join(stage, addonOf(platform)));
  const tarballs = [packFolder(stage, folder), packRoot([platform], folder)].map(({ file }) => file);
  const [node, args] = npmCommand('install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', ...tarballs);
  execFileSync(node, args, { cwd: app, stdio: 'ignore' });
  await createPackageWithOptions(app, path.join(resources, 'app.asar'), { unpack: '*.node' });
}

function runApp(binary, name) {
  const display = process.env.DISPLAY ? [] : ['xvfb-run', '--auto-servernum'];
  if (display.length > 0 && outputOf('which', ['xvfb-run']) === null) throw new SetupError('there is no display: install xvfb');
  const [command, ...args] = [...display, binary, '--no-sandbox', '--disable-gpu'];
  return spawnSync(command, args, { env: { ...process.env, SHMKIT_ELECTRON_DICT: name }, encoding: 'utf8', timeout: 60_000 });
}

/** Returns what is wrong with the content that the application left in the dictionary, one line each. */
function problemsIn(dict) {
  const problems = [];
  const expect = (good, line) => good || problems.push(line);
  expect(!dict.has('error'), String(dict.get('error')));
  for (const role of NODE_PROCESSES) expect(dict.get(role)?.bytes?.toString() === role, `the ${role} process wrote nothing`);
  const pids = new Set([process.pid, ...NODE_PROCESSES.map((role) => dict.get(role)?.pid)]);
  expect(pids.size === 4, `four processes were to take part: ${[...pids].join(' ')}`);
  expect(dict.get('count') === 3, `counted ${dict.get('count')}`);
  expect(dict.get('attached') === 4, `attached: ${dict.get('attached')}`);
  expect(dict.get('page')?.isolated === true, 'the page is not isolated');
  expect(/app\.asar\.unpacked/.test(dict.get('loaded from')), `the addon came from ${dict.get('loaded from')}`);
  expect(dict.verify().ok, 'the dictionary is damaged');
  return problems;
}

async function main() {
  const electron = findElectron();
  if (electron === undefined) {
    const missing = 'Electron was not found: set ELECTRON_PATH to its binary, or install the package `electron`';
    if (process.argv.includes('--required')) throw new SetupError(missing);
    say(`SKIPPED, NOTHING WAS TESTED. ${missing}`);
    return;
  }
  ensurePackage();
  const folder = path.join(ROOT, 'build/electron');
  fs.rmSync(folder, { recursive: true, force: true });
  const { binary, resources } = copyRuntime(electron, path.join(folder, 'runtime'));
  await packApp(folder, resources);
  const { SharedDict } = createRequire(import.meta.url)(ROOT);
  const dict = SharedDict.create(`electron-test-${process.pid}`, '256kb');
  dict.set('from node', { when: new Date(1), bytes: Buffer.from('bytes') });
  const result = runApp(binary, dict.name);
  const problems = problemsIn(dict);
  say(`Electron ${dict.get('electron')} and Node ${process.versions.node}: ${problems.length === 0 ? 'one dictionary, four processes' : 'FAILED'}`);
  dict.close();
  if (problems.length > 0) throw new SetupError([...problems, `exit: ${result.error ?? result.signal ?? result.status}`, result.stderr].join('\n'));
  fs.rmSync(folder, { recursive: true, force: true });
}

await explaining(main);
