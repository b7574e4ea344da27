// Files that users name by a path, a descriptor, or an open `FileHandle`.
import { type BigIntStats, closeSync, constants, fstatSync, lstatSync, openSync, type PathLike, unlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { checkInteger } from '../arguments/check.js';
import { aboutFile, ShmError, wrongType } from '../addon/errors.js';
import { rangeLock } from './native.js';

/** A path, a file descriptor, or a `FileHandle` from `fs.promises.open`. */
export type FileArgument = PathLike | number | { readonly fd: number };

// Otherwise opening a FIFO would wait for its other end, and a terminal could become that of this process.
const CAREFULLY: number = (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);
/** The permissions with which `fs.open` creates a file, before the umask. */
const MODE = 0o666;

/**
 * Runs `work` with a descriptor of the file. A descriptor that was opened for it is closed afterwards, and a file that was
 * created for it is removed if `work` throws and the file is still empty.
 */
export function withFile<T>(file: unknown, flags: number, work: (fd: number) => T): T {
  const fd = descriptorOf(file);
  return fd === undefined ? withPath(file as PathLike, flags, work) : work(fd);
}

/** Opens a file once more, also one that is passed as a descriptor, so that its locks belong to this opening alone. */
export function openOwn(file: unknown, flags: number): { fd: number; path: string | undefined } {
  const given = descriptorOf(file);
  if (given === undefined) return { fd: openSync(file as PathLike, flags | CAREFULLY), path: textOf(file as PathLike) };
  fstatSync(given);
  if (rangeLock.reopen !== undefined) return { fd: rangeLock.reopen(given, flags === constants.O_WRONLY), path: undefined };
  if (process.platform !== 'linux') {
    throw new ShmError('ERR_SHM_UNSUPPORTED', 'only Linux and Windows can reopen the file of a descriptor: pass its path');
  }
  return { fd: openSync(`/proc/self/fd/${given}`, flags | CAREFULLY), path: undefined };
}

/** Returns the descriptor, or undefined for a path. */
export function descriptorOf(file: unknown): number | undefined {
  if (typeof file === 'number') return checkInteger('file', file, 0, 2 ** 31 - 1);
  if (typeof file === 'string' || isUrl(file) || Buffer.isBuffer(file)) return undefined;
  const fd: unknown = typeof file === 'object' && file !== null && 'fd' in file ? file.fd : undefined;
  if (typeof fd !== 'number') throw wrongType('file', 'a path, a file descriptor or a FileHandle', file);
  return fd;
}

function withPath<T>(path: PathLike, flags: number, work: (fd: number) => T): T {
  const { fd, isNew } = opened(path, flags | CAREFULLY);
  let own = isNew ? fstatSync(fd, { bigint: true }) : undefined;
  try {
    const result = aboutFile(textOf(path), () => work(fd));
    own = undefined;
    return result;
  } finally {
    closeSync(fd);
    if (own !== undefined) removeOwn(path, own);
  }
}

/** Opens a file, and tells whether this call created it, as far as that can be known. */
function opened(path: PathLike, flags: number): { fd: number; isNew: boolean } {
  try {
    return { fd: openSync(path, flags & ~constants.O_CREAT), isNew: false };
  } catch (error) {
    if ((flags & constants.O_CREAT) === 0 || codeOf(error) !== 'ENOENT') throw error;
  }
  try {
    return { fd: openSync(path, flags | constants.O_EXCL, MODE), isNew: true };
  } catch (error) {
    // Another process was faster, or the path is a link to a missing file.
    if (codeOf(error) !== 'EEXIST') throw error;
    return { fd: openSync(path, flags, MODE), isNew: false };
  }
}

function removeOwn(path: PathLike, own: BigIntStats): void {
  try {
    const { dev, ino, size } = lstatSync(path, { bigint: true });
    // Another process may have opened it meanwhile, and made it longer.
    if (dev === own.dev && ino === own.ino && size === 0n) unlinkSync(path);
  } catch {
    // It is gone, or stays; the caller is told what failed before.
  }
}

function codeOf(error: unknown): unknown {
  return (error as NodeJS.ErrnoException).code;
}

function textOf(path: PathLike): string {
  return isUrl(path) ? fileURLToPath(path) : String(path);
}

// As Node's own functions do: it may be of another realm.
function isUrl(value: unknown): value is URL {
  return typeof value === 'object' && value !== null && 'href' in value && 'protocol' in value && !('path' in value);
}
