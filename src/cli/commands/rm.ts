// shmkit rm: removes objects by name.
import type { Command } from 'commander';
import { escapeText } from '../escape.js';
import { EXIT, exitCodeOf, lineOf, no } from '../failure.js';
import { findOne, kindsOf } from '../kinds.js';
import { act, declare, type Shell } from '../shell.js';

interface Options {
  kind?: string;
  force?: boolean;
}

export function addRm(program: Command): void {
  declare(program, 'rm <names...>', 'remove objects; processes that have them open keep them')
    .option('--kind <kind>', 'the kind, if objects of several kinds have the name')
    .option('--force', 'also remove objects that processes have open')
    .action(act(rm));
}

async function rm(shell: Shell, options: Options, names: string[]): Promise<number> {
  let exitCode: number = EXIT.done;
  const removed: Array<{ kind: string; name: string }> = [];
  for (const name of names) {
    try {
      removed.push({ kind: remove(shell, options, name), name });
      if (!shell.out.json && !shell.quiet) await shell.out.line(`removed ${removed.at(-1)?.kind} ${escapeText(name)}`);
    } catch (error) {
      process.stderr.write(lineOf(error));
      exitCode = Math.max(exitCode, exitCodeOf(error));
    }
  }
  if (shell.out.json) await shell.out.document(removed);
  return exitCode;
}

function remove(shell: Shell, { kind, force = false }: Options, name: string): string {
  const found = findOne(shell, name, kindsOf(kind));
  const { processes } = found;
  if (processes.length > 0 && !force) {
    throw no(`${found.kind.name} "${name}" is open in ${processes.length === 1 ? 'process' : 'processes'} ${processes.join(', ')}: --force removes it all the same`);
  }
  if (!found.kind.Class().unlink(name, shell.place)) throw no(`there is no object "${name}"`);
  return found.kind.name;
}
