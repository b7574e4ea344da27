// Builds the tests of the engine crates for another system and runs them in its emulator.
// Tests that an emulator cannot run are listed in left-out.mjs, printed and counted; no others are left out.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { ROOT, say, SetupError } from '../setup/process.mjs';
import { cargoFor } from './cargo.mjs';
import { LEFT_OUT } from './left-out.mjs';
import { FOLDER } from './platforms.mjs';

const LIMIT_MS = 1_200_000;
// Emulators are slow, so one in 17 of the deaths at every store, flipped bits and damaged images is tried. The test profile
// in Cargo.toml optimises.
const SETTINGS = { CARGO_PROFILE_TEST_DEBUG: 'none', CARGO_PROFILE_DEV_DEBUG: 'none' };
const SHARE = '0/17';
const ENGINE = ['shmkit-os', 'shmkit-object', 'shmkit-dict', 'shmkit-primitives'].flatMap((name) => ['-p', name]);

/** Runs the tests and returns whether all of them passed. */
export function tryCore(name, platform) {
  const programs = buildTests(name, platform);
  const { env: extra = {}, ...tools } = (platform.runsItself ? undefined : platform.prepare?.(FOLDER)) ?? {};
  const runner = platform.runsItself ? [] : platform.runner(tools);
  const env = { ...process.env, ...extra, SHMKIT_TEST_RUNNER: (platform.peer?.() ?? runner).join(' '), SHMKIT_TEST_SHARE: SHARE };
  const leftOut = LEFT_OUT[name] ?? [];
  const total = { passed: 0, failed: 0 };
  const absent = leftOut.flatMap(({ programs: names = [] }) => names);
  for (const program of programs.filter(({ name: own }) => !absent.includes(own))) {
    const { passed, failed } = runTests(program, { name, runner, env, leftOut });
    total.passed += passed;
    total.failed += failed;
  }
  for (const { tests, programs: names = [], why } of leftOut) say(`${name}:   left out, ${why}: ${[...tests, ...names].join(', ')}`);
  const fewer = leftOut.flatMap(({ tests }) => tests).length;
  say(`${name}: core tests: ${total.passed} passed, ${total.failed} failed, ${fewer} left out${absent.length > 0 ? `, and ${absent.length} files` : ''}`);
  return total.failed === 0 && total.passed > 0;
}

/** Builds the test programs and returns `{ name, title, file, cwd }` for each. */
function buildTests(name, platform) {
  const { program, flags, env, how } = cargoFor(platform);
  say(`${name}: building the core tests for ${platform.target}, ${how}`);
  const args = ['test', '--lib', '--tests', '--no-run', '--locked', '--message-format=json-render-diagnostics', ...ENGINE, '--target', platform.target, ...flags];
  const settings = { ...env, ...platform.env, ...SETTINGS };
  const built = spawnSync(program, args, { cwd: ROOT, env: settings, stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 2 ** 28, encoding: 'utf8' });
  if (built.status !== 0) throw new SetupError(`the core tests for ${name} cannot be built`);
  return built.stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
    .filter(({ reason, profile, executable }) => reason === 'compiler-artifact' && profile.test && executable)
    .map(({ executable, target, manifest_path: manifest }) => {
      const cwd = path.dirname(manifest);
      return { name: target.name, title: `${path.basename(cwd)}, ${target.kind.includes('lib') ? 'inside' : target.name}`, file: executable, cwd };
    });
}

function runTests({ title, file, cwd }, { name, runner, env, leftOut }) {
  const [program, ...args] = [...runner, file];
  const skipped = leftOut.flatMap(({ tests }) => tests).flatMap((test) => ['--skip', test]);
  const log = path.join(FOLDER, name, `${title.replaceAll(/[^a-z_]+/g, '-')}.txt`);
  fs.mkdirSync(path.dirname(log), { recursive: true });
  const output = fs.openSync(log, 'w');
  const since = performance.now();
  const options = { cwd, env, stdio: ['ignore', output, output], timeout: LIMIT_MS, killSignal: 'SIGKILL' };
  const { status, signal } = spawnSync(program, [...args, '--exact', ...skipped], options);
  fs.closeSync(output);
  const text = fs.readFileSync(log, 'utf8');
  const [, passed, failed] = /^test result: \w+\. (\d+) passed; (\d+) failed/m.exec(text) ?? [undefined, 0, 1];
  const seconds = Math.round((performance.now() - since) / 1000);
  const good = status === 0 && Number(failed) === 0;
  say(`${name}:   ${title}: ${passed} passed${good ? '' : `, ${failed} FAILED (${signal ?? `exit code ${status}`}; ${path.relative(ROOT, log)})`}, ${seconds} s`);
  if (!good) process.stdout.write(`${text.split('\n').filter((line) => /FAILED|panicked|^error|^failures/.test(line)).slice(0, 40).join('\n')}\n`);
  return { passed: Number(passed), failed: good ? 0 : Math.max(Number(failed), 1) };
}
