// shmkit check: audits dictionaries.
import type { Command } from 'commander';
import { openToRead, using } from '../dict.js';
import { escapeText } from '../escape.js';
import { codeOf, EXIT } from '../failure.js';
import { type Kind, kindsOf, listAll } from '../kinds.js';
import { Progress } from '../progress.js';
import { act, declare, type Shell } from '../shell.js';
import { Unreadable } from '../unreadable.js';

export function addCheck(program: Command): void {
  declare(program, 'check [names...]', 'audit dictionaries, by default all, and print what is wrong with them').action(act(check));
}

async function check(shell: Shell, _: object, names: string[]): Promise<number> {
  const [kind] = kindsOf('dict') as [Kind];
  const chosen = names.length > 0 ? names : listAll(shell, [kind]).map(({ name }) => name);
  const unreadable = new Unreadable();
  const progress = new Progress('checking', chosen.length, shell.quiet);
  const results: Array<{ name: string; ok: boolean; problems: string[] }> = [];
  for (const name of chosen) {
    try {
      results.push({ name, ...(await using(openToRead(shell, name), (dict) => dict.verify())) });
    } catch (error) {
      const isGone = names.length === 0 && codeOf(error) === 'ERR_SHM_NOT_FOUND';
      if (!isGone) unreadable.add({ kind, name }, error);
    }
    progress.advance();
  }
  progress.end();
  if (shell.out.json) await shell.out.document(results);
  else {
    for (const { name, ok, problems } of results) {
      if (ok && !shell.quiet) await shell.out.line(`${escapeText(name)}\tok`);
      for (const problem of problems) await shell.out.line(`${escapeText(name)}\t${escapeText(problem)}`);
    }
  }
  return Math.max(unreadable.report(), results.every(({ ok }) => ok) ? EXIT.done : EXIT.no);
}
