// Installs the packages as they would be published, from a registry on this machine and without a compiler, uses them in
// every runtime, and prints a table. Exit code 1 if any outcome is wrong.
//   npm run test:install
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { platforms } from '../../scripts/platforms/folders.mjs';
import { addonOf, packAll, packFolder, packRoot } from '../../scripts/release/pack.mjs';
import { ensurePackage } from '../../scripts/setup/build.mjs';
import { ensurePortable } from '../../scripts/setup/portable.mjs';
import { explaining, ROOT } from '../../scripts/setup/process.mjs';
import { tryFailures } from './failures.mjs';
import { bareEnvironment, install, publish } from './project.mjs';
import { startRegistry } from './registry.mjs';
import { tryRunners } from './runners.mjs';
import { attempt, ensureTools, runtimes, tool } from './runtimes.mjs';
import { compile, RESOLUTIONS } from './typescript.mjs';

const CONSUMERS = path.join(path.dirname(fileURLToPath(import.meta.url)), 'consumer');
const HERE = `${process.platform}-${process.arch}-gnu`;
const results = [];

/** Adds a row to the table. */
function expect(what, found, wanted) {
  const good = wanted instanceof RegExp ? wanted.test(found) : found === wanted;
  results.push({ what, found, good });
}

/** Publishes the root package and all its platforms. Those that cannot be built here get a text file as their binary:
 *  only npm's choice among them is tested. */
function publishAll(folder, registry, environment) {
  const output = path.join(folder, 'packages');
  for (const { file, size, unpackedSize, files } of packAll([HERE], output)) {
    results.push({ what: `tarball ${path.basename(file)}`, found: `${size} bytes, ${unpackedSize} unpacked, ${files.length} files`, good: true });
  }
  for (const name of platforms()) {
    const stage = path.join(folder, 'stage', name);
    fs.cpSync(path.join(ROOT, 'npm', name), stage, { recursive: true });
    if (name !== HERE) fs.writeFileSync(path.join(stage, addonOf(name)), 'stands for a binary');
    publish(packFolder(stage, output).file, registry, environment, folder);
  }
  publish(packRoot(platforms(), output).file, registry, environment, folder);
}

function tryChoice(folder, registry, environment) {
  for (const name of platforms()) {
    const [system, arch, abi] = name.split('-');
    const libc = { gnu: 'glibc', musl: 'musl' }[abi];
    const options = [`--os=${system}`, `--cpu=${arch}`, ...(libc ? [`--libc=${libc}`] : [])];
    const chosen = install(path.join(folder, `choice-${name}`), registry, environment, ...options);
    expect(`npm chooses for ${name}`, chosen.join(' '), `shmkit shmkit-${name}`);
  }
}

function tryRuntimes(folder, registry, environment) {
  const project = path.join(folder, 'consumer');
  expect('npm install --ignore-scripts', install(project, registry, environment).join(' '), `shmkit shmkit-${HERE}`);
  fs.cpSync(CONSUMERS, project, { recursive: true });
  for (const resolution of RESOLUTIONS) expect(`TypeScript, ${resolution}`, compile(project, resolution), 'compiles');
  const { SharedDict } = createRequire(path.join(project, 'package.json'))('shmkit');
  const name = `install-test-${process.pid}`;
  const dict = SharedDict.create(name, '256kb');
  const programs = ['cjs.cjs', 'esm.mjs', ...RESOLUTIONS.map((resolution) => `${resolution}/typed.js`)];
  for (const runtime of runtimes()) {
    for (const program of programs) {
      expect(`${runtime.name}, ${program}`, attempt(runtime, program, [name, runtime.name], project, environment), 'works');
    }
    expect(`${runtime.name}, a loop sees a write`, attempt(runtime, 'spin.cjs', [name], project, environment), 'works');
    expect(`${runtime.name}, counted by this process`, String(dict.get(runtime.name)), String(programs.length));
  }
  dict.close();
  return project;
}

function report() {
  const width = Math.max(...results.map(({ what }) => what.length));
  for (const { what, found, good } of results) {
    process.stdout.write(`${good ? '   ' : 'NOT'} ${what.padEnd(width)}  ${found}\n`);
  }
  const wrong = results.filter(({ good }) => !good).length;
  process.stdout.write(`${results.length - wrong} as they should be, ${wrong} not\n`);
  process.exitCode = wrong > 0 ? 1 : 0;
}

async function main() {
  ensurePackage();
  ensurePortable();
  ensureTools();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shmkit-install-'));
  const registry = await startRegistry(tool('verdaccio', 'bin', 'verdaccio'), folder);
  try {
    const environment = bareEnvironment(folder);
    publishAll(folder, registry.url, environment);
    const project = tryRuntimes(folder, registry.url, environment);
    tryRunners({ project, environment, expect });
    tryFailures({ folder, project, registry: registry.url, environment, here: HERE, expect });
    tryChoice(folder, registry.url, environment);
  } finally {
    registry.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }
  report();
}

await explaining(main);
