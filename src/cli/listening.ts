// Hearing the changes of a dictionary, through a handle that can write: a watcher marks itself in the shared memory.
import type { DictEvent } from 'shmkit';
import type { Dict } from './api.js';
import { openToWrite } from './dict.js';
import { Ending } from './ending.js';
import { codeOf, EXIT, Failure } from './failure.js';
import type { Shell } from './shell.js';
import { Turns } from './turns.js';

/** Opens a dictionary to watch it. */
export function openToWatch(shell: Shell, name: string): Dict {
  try {
    return openToWrite(shell, name);
  } catch (error) {
    if (codeOf(error) !== 'ERR_SHM_ACCESS') throw error;
    throw new Failure(EXIT.failed, `ERR_SHM_ACCESS: watching needs the permission to write to "${name}", because a watcher marks itself there: ${(error as Error).message}`);
  }
}

/** Calls `hear` for each change until the time has passed, or a signal comes; returns the exit code. */
export async function listen(shell: Shell, name: string, seconds: number, hear: (change: DictEvent, dict: Dict) => void): Promise<number> {
  const dict = openToWatch(shell, name);
  const ending = new Ending(seconds);
  const turns = new Turns();
  try {
    const changes = dict.watch({ signal: ending.signal, ref: true });
    shell.note(`shmkit: watching "${name}" for ${seconds} s, open for writing; Ctrl+C ends`);
    for await (const change of changes) {
      hear(change, dict);
      await turns.take();
    }
    return EXIT.done;
  } finally {
    dict.close();
    ending.dispose();
  }
}
