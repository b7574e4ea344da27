// Files as users name them: by a path, a descriptor, or an open `FileHandle`.
import { closeSync, constants, fstatSync, openSync, type PathLike } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { checkInteger } from '../arguments/check.js';
import { aboutFile, ShmError, wrongType } from '../addon/errors.js';

/** A path, a file descriptor, or a `FileHandle` from `fs.promises.open`. */
export type FileArgument = PathLike | number | { readonly fd: number };

// Without these, opening a FIFO would wait for its other end, and a terminal could become ours.
const CAREFULLY: number = (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);
/** What `fs.open` gives a file that it makes, before the umask. */
const MODE = 0o666;

/** Runs `work` with a descriptor of the file; one that was opened for it is closed afterwards. */
export function withFile<T>(file: unknown, flags: number, work: (fd: number) => T): T {
  const fd = descriptorOf(file);
  return fd === undefined ? withPath(file as PathLike, flags, work) : work(fd);
}

/** As `withFile`, with a new opening of the file behind a descriptor: whose locks are nobody else's. */
export function openOwn(file: unknown, flags: number): { fd: number; path: string | undefined } {
  const given = descriptorOf(file);
  if (given === undefined) return { fd: openSync(file as PathLike, flags | CAREFULLY), path: textOf(file as PathLike) };
  if (process.platform !== 'linux') {
    throw new ShmError('ERR_SHM_UNSUPPORTED', 'only Linux can open the file behind a descriptor again: pass its path');
  }
  fstatSync(given);
  return { fd: openSync(`/proc/self/fd/${given}`, flags | CAREFULLY), path: undefined };
}

/** The descriptor, unless the argument is a path. */
export function descriptorOf(file: unknown): number | undefined {
  if (typeof file === 'number') return checkInteger('file', file, 0, 2 ** 31 - 1);
  if (typeof file === 'string' || file instanceof URL || Buffer.isBuffer(file)) return undefined;
  const fd: unknown = typeof file === 'object' && file !== null && 'fd' in file ? file.fd : undefined;
  if (typeof fd !== 'number') throw wrongType('file', 'a path, a file descriptor or a FileHandle', file);
  return fd;
}

function withPath<T>(path: PathLike, flags: number, work: (fd: number) => T): T {
  const fd = openSync(path, flags | CAREFULLY, MODE);
  try {
    return aboutFile(textOf(path), () => work(fd));
  } finally {
    closeSync(fd);
  }
}

function textOf(path: PathLike): string {
  return path instanceof URL ? fileURLToPath(path) : String(path);
}
