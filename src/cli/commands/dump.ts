// shmkit dump: all entries of a dictionary as lines of JSON.
import type { Command } from 'commander';
import { DUMP_VERSION, type EndLine, type Header, lineOfEntry } from '../dump-format.js';
import { escapeJson } from '../escape.js';
import { EXIT, Failure } from '../failure.js';
import { Progress } from '../progress.js';
import { act, declare, type Shell } from '../shell.js';
import { ValueReader } from '../values.js';

interface Options {
  prefix?: string;
  decode?: boolean;
}

export function addDump(program: Command): void {
  declare(program, 'dump <name>', 'print all entries of a dictionary as lines of JSON, for load')
    .option('--prefix <prefix>', 'only keys that start with it')
    .option('--decode', "decode objects in another user's dictionary")
    .action(act(dump));
}

async function dump(shell: Shell, { prefix, decode }: Options, name: string): Promise<void> {
  const reader = new ValueReader(shell, name, decode);
  const { dict } = reader;
  const progress = new Progress('dumping', dict.size, shell.quiet);
  const header: Header = { shmkit: DUMP_VERSION, name, created: new Date().toISOString(), size: dict.stats().size };
  await shell.out.line(JSON.stringify(header));
  let entries = 0;
  for (const key of dict.keys({ prefix })) {
    const stored = reader.read(key);
    progress.advance();
    if (stored === undefined) continue;
    if (stored.type === 'structured' && stored.value === undefined) throw new Failure(EXIT.damaged, `"${name}" is another user's and holds objects: --decode lets V8 decode them`);
    await shell.out.line(escapeJson(lineOfEntry(key, stored)));
    entries += 1;
  }
  progress.end();
  reader.close();
  const end: EndLine = { end: true, entries };
  await shell.out.line(JSON.stringify(end));
}
