// shmkit prune: removes what dead owners left.
import type { Command } from 'commander';
import { bytesText } from '../format.js';
import { type Kind, kindsOf, listAll } from '../kinds.js';
import { act, declare, type Shell } from '../shell.js';

interface Options {
  kind?: string;
  dryRun?: boolean;
}

interface Removed {
  readonly kind: string;
  readonly name: string;
  readonly size?: number;
}

export function addPrune(program: Command): void {
  declare(program, 'prune', 'remove objects whose owner is gone and that no process has open')
    .option('--kind <kinds>', 'only these kinds, separated by commas')
    .option('--dry-run', 'only show what would be removed')
    .action(act(prune));
}

async function prune(shell: Shell, { kind, dryRun = false }: Options): Promise<void> {
  const kinds = kindsOf(kind);
  const stale = listAll(shell, kinds).filter((found) => found.stale);
  const sizes = new Map(stale.map((found) => [`${found.kind.name} ${found.name}`, found.size]));
  const removed = (dryRun ? stale.map((found) => ({ kind: found.kind.name, name: found.name })) : kinds.flatMap((each) => remove(shell, each))).map(
    (each): Removed => ({ ...each, size: sizes.get(`${each.kind} ${each.name}`) }),
  );
  if (shell.out.json) return shell.out.document(removed);
  if (removed.length === 0) return shell.note('shmkit: nothing to remove');
  await shell.out.table(removed, [
    { title: 'KIND', text: (each) => each.kind },
    { title: 'NAME', text: (each) => each.name },
    { title: 'SIZE', right: true, text: ({ size }) => (size === undefined ? '' : bytesText(size)), plain: ({ size }) => String(size ?? '') },
  ]);
}

function remove(shell: Shell, kind: Kind): Removed[] {
  return kind
    .Class()
    .prune(shell.place)
    .map((name) => ({ kind: kind.name, name }));
}
