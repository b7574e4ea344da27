// Runs a command of the user's for a change.
import { once } from 'node:events';
import type { DictEvent } from 'shmkit';
import { EXIT, Failure } from '../failure.js';
import { programs } from '../programs.js';

/** Runs a line of shell to its end. The change is in its environment, where nothing in a key can become code. */
export async function runFor(command: string, change: DictEvent): Promise<void> {
  const { type, key = '', version = '' } = change;
  // The system's environment cannot hold zero bytes.
  const env = { ...process.env, SHMKIT_CHANGE: type, SHMKIT_KEY: key.replaceAll('\0', '\u2400'), SHMKIT_VERSION: String(version) };
  const child = programs().spawn(command, { shell: true, stdio: 'inherit', env });
  const [status, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (status !== 0) throw new Failure(EXIT.failed, `the command ended with ${status ?? signal}`);
}
