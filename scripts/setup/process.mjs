// Runs other programs, and reports progress and failures.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root folder of the repository. */
export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** A failure that the user can fix: its message says everything, and no stack trace is printed. */
export class SetupError extends Error {}

/** Runs an action. For a SetupError, prints only its message and sets the exit code to 1. */
export async function explaining(action) {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
}

/** Prints one line of progress. */
export function say(line) {
  process.stdout.write(`shmkit: ${line}\n`);
}

/** Runs a program and shows its output. Throws a SetupError if it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', ...options });
  const line = [command, ...args].join(' ');
  if (result.error) throw new SetupError(`could not run \`${line}\`: ${result.error.message}`);
  if (result.status !== 0) throw new SetupError(`\`${line}\` failed (${result.signal ?? `exit code ${result.status}`})`);
}

/** Returns what a program prints, or null if it does not exist or fails. */
export function outputOf(command, args) {
  const result = spawnSync(command, args, { cwd: ROOT, encoding: 'utf8' });
  return result.status === 0 ? result.stdout.trim() : null;
}

/** Returns the path of a script in an installed package, to be run by this Node.js without a shell or the PATH. */
export function packageScript(...segments) {
  return path.join(ROOT, 'node_modules', ...segments);
}

/** Returns `[command, arguments]` that run npm with this Node.js. Outside `npm run`, npm is expected next to Node.js. */
export function npmCommand(...args) {
  const beside = path.join(path.dirname(fs.realpathSync(process.execPath)), '../lib/node_modules/npm/bin/npm-cli.js');
  const script = process.env.npm_execpath ?? beside;
  if (!fs.existsSync(script)) throw new SetupError('npm was not found: run this through `npm run`');
  return [process.execPath, [script, ...args]];
}
