// The objects of this user: their directory, and leftovers.
import fs from 'node:fs';
import path from 'node:path';
import { bytesText } from '../format.js';
import { kindsOf, listAll } from '../kinds.js';
import type { Shell } from '../shell.js';
import { type Finding, note, ok, problem } from './finding.js';

const OTHERS = 0o077;

/** Returns the directory of the objects, as far as it is known before there are any. */
export function directoryOf({ place }: Shell): string | undefined {
  if (place.dir !== undefined) return place.dir;
  return process.platform === 'linux' ? `/dev/shm/shmkit-${process.getuid?.()}` : undefined;
}

/** Returns the directory or its nearest ancestor that exists. */
export function existing(directory: string): string {
  return fs.existsSync(directory) || path.dirname(directory) === directory ? directory : existing(path.dirname(directory));
}

export function aboutDirectory(shell: Shell): Finding[] {
  const directory = directoryOf(shell);
  if (directory === undefined) return [];
  const stat = fs.statSync(directory, { throwIfNoEntry: false });
  if (!stat) return [ok('directory', `${directory} will be created with the first object`)];
  if (!stat.isDirectory()) return [problem('directory', `${directory} is no directory`, 'remove it')];
  const mode = (stat.mode & 0o7777).toString(8).padStart(4, '0');
  if (process.getuid !== undefined && stat.uid !== process.getuid()) {
    return [problem('directory', `${directory} belongs to user ${stat.uid}`, 'choose a directory of your own with --dir, or accept its objects with --trust')];
  }
  if ((stat.mode & OTHERS) !== 0) return [note('directory', `${directory} has mode ${mode}: other users can enter it`, 'if that is not intended, chmod 700 it')];
  return [ok('directory', `${directory}, mode ${mode}`)];
}

export function aboutObjects(shell: Shell): Finding[] {
  const found = listAll(shell, kindsOf(undefined));
  const stale = found.filter((each) => each.stale);
  const total = (objects: typeof found) => bytesText(objects.reduce((sum, { size }) => sum + size, 0));
  return [
    ok('objects', `${found.length}, of ${total(found)}`),
    ...(stale.length > 0 ? [note('leftovers', `${stale.length} of owners that are gone, ${total(stale)}`, 'shmkit prune removes them')] : [ok('leftovers', 'none')]),
  ];
}
