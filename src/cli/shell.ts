// What all commands share: the options that each of them has, and where they read and write.
import type { Command } from 'commander';
import type { TrustedUids } from 'shmkit';
import { usage } from './failure.js';
import { Output } from './output.js';

interface SharedOptions {
  dir?: string;
  trust?: string;
  json?: boolean;
  headings: boolean;
  color: string;
  quiet?: boolean;
}

/** A running command's surroundings. */
export interface Shell {
  readonly out: Output;
  /** Options of every call of the API: which directory, and whose objects. */
  readonly place: { dir?: string; trustUids?: TrustedUids };
  /** Prints a remark for people to standard error. */
  note(text: string): void;
  readonly quiet: boolean;
}

/** Declares a command. */
export function declare(program: Command, usageLine: string, summary: string): Command {
  return program.command(usageLine).description(summary);
}

/** Adds the options that all commands have, after their own. */
export function addSharedOptions(command: Command): void {
  command
    .option('--dir <directory>', 'the directory of the objects')
    .option('--trust <uids>', "accept other users' objects: their ids, with commas, or any")
    .option('--json', 'print JSON')
    .option('--no-headings', 'print no headings')
    .option('--color <when>', 'auto, always or never', 'auto')
    .option('-q, --quiet', 'print results only');
}

/** Returns what commander calls when a command runs. `work` may return an exit code. */
export function act<Options, Arguments extends unknown[]>(
  work: (shell: Shell, options: Options, ...rest: Arguments) => Promise<number | void> | number | void,
): (...received: unknown[]) => Promise<void> {
  return async (...received) => {
    const options = received.at(-2) as Options & SharedOptions;
    const shell = shellOf(options);
    const exitCode = await work(shell, options, ...(received.slice(0, -2) as Arguments));
    await shell.out.flush();
    if (typeof exitCode === 'number') process.exitCode = exitCode;
  };
}

function shellOf({ dir, trust, json = false, headings, color, quiet = false }: SharedOptions): Shell {
  const place = { ...(dir !== undefined && { dir }), ...(trust !== undefined && { trustUids: uidsOf(trust) }) };
  return {
    out: new Output({ json, headings, color: usesColor(color) }),
    place,
    quiet,
    note(text) {
      if (!quiet) process.stderr.write(`${text}\n`);
    },
  };
}

function uidsOf(list: string): TrustedUids {
  if (list === 'any') return 'any';
  if (!/^\d+(,\d+)*$/.test(list)) throw usage(`--trust takes user ids with commas, or any; not "${list}"`);
  return list.split(',').map(Number);
}

// https://no-color.org: set and not empty.
function usesColor(when: string): boolean {
  if (when === 'always' || when === 'never') return when === 'always';
  if (when !== 'auto') throw usage(`--color is auto, always or never; not "${when}"`);
  return process.stdout.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
}
