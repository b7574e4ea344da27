#!/usr/bin/env node
// The command `shmkit`.
import { CommanderError } from 'commander';
import { EXIT, exitCodeOf, lineOf } from './failure.js';
import { makeProgram } from './program.js';

// A reader such as `head` that has seen enough is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.done);
  process.stderr.write(lineOf(error));
  process.exit(EXIT.failed);
});

void run();

async function run(): Promise<void> {
  try {
    await makeProgram(process.argv[2]).parseAsync();
  } catch (error) {
    process.exitCode = error instanceof CommanderError ? exitCodeOfParser(error) : report(error);
  }
}

function report(error: unknown): number {
  process.stderr.write(lineOf(error));
  return exitCodeOf(error);
}

// It has printed its message.
function exitCodeOfParser({ exitCode }: CommanderError): number {
  return exitCode === 0 ? EXIT.done : EXIT.usage;
}
