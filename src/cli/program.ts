// The command line as a whole: all commands, help, and messages of wrong usage.
import { Command } from 'commander';
import { COMMANDS } from './commands.js';
import { escapeText } from './escape.js';
import { addSharedOptions } from './shell.js';

declare const PACKAGE_VERSION: string;

const AFTER = `
Exit codes: 0 done, 1 no (missing, condition not met, problems found), 2 wrong usage, 3 other failure,
4 busy, 5 damaged or not trusted, 130 interrupted.
Guide: docs/guide/command-line.md in the package`;

export function makeProgram(): Command {
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
        write(text.trimEnd().split('\n').map((line) => `shmkit: ${escapeText(line.replace(/^error: /, ''))}\n`).join(''));
      },
    });
  for (const add of COMMANDS) add(program);
  for (const command of program.commands) addSharedOptions(command);
  return program;
}
