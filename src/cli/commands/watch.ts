// shmkit watch: a line for each change of a dictionary, as it happens.
import type { Command } from 'commander';
import { keyToJson } from '../dump-format.js';
import { Ending } from '../ending.js';
import { escapeText } from '../escape.js';
import { countOf, secondsOf } from '../format.js';
import { openToWatch } from '../listening.js';
import { act, declare, type Shell } from '../shell.js';
import { Turns } from '../turns.js';
import { runFor } from '../watch/command.js';

interface Options {
  prefix?: string;
  for?: string;
  count?: string;
  exec?: string;
}

type Change = Parameters<typeof runFor>[1];

export function addWatch(program: Command): void {
  declare(program, 'watch <name> [key]', 'print changes of a dictionary, or of one key, as they happen')
    .option('--prefix <prefix>', 'only keys that start with it')
    .option('--for <time>', 'end after a time such as 10s')
    .option('--count <n>', 'end after this many changes')
    .option('--exec <command>', 'run a command of the shell after each change, with SHMKIT_CHANGE, SHMKIT_KEY and SHMKIT_VERSION set')
    .addHelpText('after', '\nOpens the dictionary for writing, because a watcher marks itself there: it needs the permission to write, and\ncounts among the processes. Values are not told; to see one, use shmkit get.')
    .action(act(watch));
}

async function watch(shell: Shell, options: Options, name: string, key?: string): Promise<number> {
  const count = options.count === undefined ? Infinity : countOf(options.count);
  const ending = new Ending(options.for === undefined ? undefined : secondsOf(options.for));
  const dict = openToWatch(shell, name);
  try {
    const events = dict.watch({ prefix: key ?? options.prefix, signal: ending.signal, ref: true });
    shell.note(`shmkit: watching "${name}", open for writing; Ctrl+C ends`);
    await heading(shell);
    const turns = new Turns();
    let printed = 0;
    while (printed < count) {
      const { done, value: change } = await events.next();
      if (done) break;
      if (key !== undefined && change.key !== undefined && change.key !== key) continue;
      await print(shell, change);
      printed += 1;
      if (options.exec !== undefined) await runAfter(shell, options.exec, change);
      await turns.take();
    }
    return ending.exitCode;
  } finally {
    dict.close();
    ending.dispose();
  }
}

async function heading(shell: Shell): Promise<void> {
  if (shell.out.json || !shell.out.options.headings) return;
  await shell.out.line(shell.out.terminal ? shell.out.bold('TIME          CHANGE    KEY') : 'TIME\tCHANGE\tVERSION\tMISSED\tKEY');
  await shell.out.flush();
}

async function runAfter(shell: Shell, command: string, change: Change): Promise<void> {
  await shell.out.flush();
  await runFor(command, change);
}

async function print(shell: Shell, change: Change): Promise<void> {
  const time = new Date().toISOString();
  if (shell.out.json) await shell.out.document({ time, ...change, ...(change.key !== undefined && { key: keyToJson(change.key) }), ...missedOf(change) });
  else if (shell.out.terminal) await shell.out.line(`${time.slice(11, 23)}  ${change.type.padEnd(8)}  ${detailOf(change)}`);
  else await shell.out.line([time, change.type, change.version ?? '', change.type === 'overflow' ? (change.missed ?? 'unknown') : '', escapeText(change.key ?? '')].join('\t'));
  shell.out.flushSoon();
}

function missedOf(change: Change): object {
  return change.type === 'overflow' ? { missed: change.missed ?? null } : {};
}

function detailOf(change: Change): string {
  if (change.type === 'overflow') return `(too slow: missed ${change.missed ?? 'an unknown number of'} changes)`;
  return change.type === 'clear' ? '(all entries removed)' : escapeText(change.key);
}
