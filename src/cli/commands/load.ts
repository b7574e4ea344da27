// shmkit load: stores the entries of a dump.
import type { Command } from 'commander';
import fs from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { api } from '../api.js';
import { type Loaded, readDump } from '../dump-reader.js';
import { usage } from '../failure.js';
import { Progress } from '../progress.js';
import { act, declare, type Shell } from '../shell.js';
import { spool } from '../spool.js';
import { ValueWriter } from '../value-writer.js';

interface Options {
  create?: string;
  replace?: boolean;
  ttl: boolean;
  structured?: boolean;
}

export function addLoad(program: Command): void {
  declare(program, 'load <name> [file]', 'store the entries of a dump from a file or standard input')
    .option('--create <size>', 'create the dictionary with the first entry, such as 64mb; it stays until rm or the next reboot')
    .option('--replace', 'with --create: replace an existing one, once all of the dump is read and found whole')
    .option('--no-ttl', 'let no entry expire')
    .option('--structured', "let V8 decode objects; only for dumps from a source that you trust")
    .action(act(load));
}

async function load(shell: Shell, options: Options, name: string, file = '-'): Promise<void> {
  if (options.replace && options.create === undefined) throw usage('--replace needs --create');
  if (file !== '-' && fs.statSync(file).isFile()) return loadChecked(shell, options, name, () => fs.createReadStream(file));
  const input = file === '-' ? process.stdin : fs.createReadStream(file);
  // What comes from a pipe or a device comes only once. It replaces nothing before all of it is there.
  if (!options.replace) return loadFrom(shell, options, name, input);
  const spooled = await spool(input);
  try {
    await loadChecked(shell, options, name, () => spooled.read());
  } finally {
    await spooled.close();
  }
}

/** Checks a dump as a whole before anything is stored. */
async function loadChecked(shell: Shell, options: Options, name: string, read: () => Readable): Promise<void> {
  await readDump(linesOf(read()), { structured: options.structured === true }, ignore, ignore);
  await loadFrom(shell, options, name, read());
}

async function loadFrom(shell: Shell, options: Options, name: string, input: Readable): Promise<void> {
  let writer: ValueWriter | undefined;
  let stored = 0;
  const progress = new Progress('loading', 0, shell.quiet);
  // Begins with the first good entry, so that a dump that is refused creates nothing.
  const begun = () => {
    if (writer !== undefined) return writer;
    if (options.create !== undefined) api().SharedDict.create(name, { ...shell.place, size: options.create, replace: options.replace, persist: true }).close();
    writer = new ValueWriter(shell, name);
    return writer;
  };
  const store = (entry: Loaded) => {
    begun().write(options.ttl ? entry : { ...entry, ttl: 0 });
    stored += 1;
    progress.advance();
  };
  try {
    await readDump(linesOf(input), { structured: options.structured === true }, ignore, store);
    begun();
  } catch (error) {
    if (error instanceof Error && stored > 0) error.message += `; ${stored} entries before it are stored`;
    throw error;
  } finally {
    progress.end();
    writer?.close();
  }
  await (shell.out.json ? shell.out.document({ entries: stored }) : shell.note(`shmkit: ${stored} entries stored`));
}

async function* linesOf(input: Readable): AsyncGenerator<string> {
  const lines = createInterface({ input, crlfDelay: Infinity });
  // readline does not forward errors of its input.
  let failure: Error | undefined;
  input.once('error', (error: Error) => {
    failure = error;
    lines.close();
  });
  yield* lines;
  if (failure) throw failure;
}

function ignore(): void {
  // Only the check matters.
}
