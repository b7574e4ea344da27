// Opens an address that holds a secret in the user's browser. Arguments of processes are public on most systems: what is
// opened is a file that only this user can read, and that leads on to the address.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { programs } from '../programs.js';
import type { Shell } from '../shell.js';

const OPENERS: Partial<Record<NodeJS.Platform, readonly string[]>> = { darwin: ['open'], win32: ['cmd', '/c', 'start', ''] };

/** Returns a function that removes the file. */
export function openInBrowser(address: string, shell: Shell): () => void {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shmkit-inspect-'));
  const file = path.join(folder, 'open.html');
  fs.writeFileSync(file, `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=${address}"><title>shmkit</title>`, { mode: 0o600 });
  const [command = '', ...args] = OPENERS[process.platform] ?? ['xdg-open'];
  const child = programs().spawn(command, [...args, file], { stdio: 'ignore', detached: true });
  child.on('error', () => shell.note(`shmkit: ${command} cannot be run; open ${file} in a browser`));
  child.unref();
  return () => fs.rmSync(folder, { recursive: true, force: true });
}
