// Running other programs and saying so.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** A failure that a person can act on: its message is the whole story, no stack is printed. */
export class SetupError extends Error {}

/** Does something; of a SetupError only its message is shown, and the exit code is 1. */
export async function explaining(action) {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
}

/** Prints one line about what is being done. */
export function say(line) {
  process.stdout.write(`shmkit: ${line}\n`);
}

/** Runs a program with its output shown; throws a SetupError if it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', ...options });
  const line = [command, ...args].join(' ');
  if (result.error) throw new SetupError(`could not run \`${line}\`: ${result.error.message}`);
  if (result.status !== 0) throw new SetupError(`\`${line}\` failed (${result.signal ?? `exit code ${result.status}`})`);
}

/** What a program prints, or null where it does not exist or fails. */
export function outputOf(command, args) {
  const result = spawnSync(command, args, { cwd: ROOT, encoding: 'utf8' });
  return result.status === 0 ? result.stdout.trim() : null;
}

/** The script behind a package's command, to be run by this Node: no shell and no PATH are involved. */
export function packageScript(...segments) {
  return path.join(ROOT, 'node_modules', ...segments);
}

/** npm by its own script, run by this Node: `[command, arguments]`. Outside of `npm run` it is looked up beside Node. */
export function npmCommand(...args) {
  const beside = path.join(path.dirname(fs.realpathSync(process.execPath)), '../lib/node_modules/npm/bin/npm-cli.js');
  const script = process.env.npm_execpath ?? beside;
  if (!fs.existsSync(script)) throw new SetupError('npm was not found: run this through `npm run`');
  return [process.execPath, [script, ...args]];
}
