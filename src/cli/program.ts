// The command line as a whole: all commands, help, and messages of wrong usage.
import { Command } from 'commander';
import { COMMANDS } from './commands.js';
import { escapeText } from './escape.js';
import { addSharedOptions } from './shell.js';

declare const PACKAGE_VERSION: string;

const AFTER = `
Exit codes: 0 done, 1 no (missing, condition not met, problems found),
2 wrong usage, 3 other failure, 4 busy, 5 damaged or not trusted,
130 interrupted.
Guide: docs/guide/command-line.md in the package`;

/** Returns the parser; `name` is the command to run, if one is given. */
export function makeProgram(name: string | undefined): Command {
  const program = new Command('shmkit')
    .description('Shows and changes shared memory objects of shmkit.')
    .version(PACKAGE_VERSION)
    .usage('<command> [options]')
    .showSuggestionAfterError()
    .helpCommand('help [command]', 'show all commands, or how to use one')
    .addHelpText('after', AFTER)
    .exitOverride()
    .configureOutput({
      outputError(text, write) {
        write([...text.trimEnd().split('\n'), ...hintFor(text, name)].map((line) => `shmkit: ${escapeText(line.replace(/^error: /, ''))}\n`).join(''));
      },
    });
  // Declaring one command takes a tenth of the time of all of them; the help, suggestions and completion need all.
  const add = COMMANDS.get(name ?? '');
  if (add !== undefined && name !== 'completion') add(program);
  else for (const each of COMMANDS.values()) each(program);
  for (const command of program.commands) addSharedOptions(command);
  return program;
}

/** Returns what helps with an option that was not understood. */
function hintFor(text: string, command: string | undefined): string[] {
  if (!text.includes('unknown option')) return [];
  if (command?.startsWith('-')) return ['(options go after the command, as in shmkit ls --json)'];
  return text.includes('Did you mean') ? [] : ['(a name, key or value that starts with - goes after --, and options before it)'];
}
