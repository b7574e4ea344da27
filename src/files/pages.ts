// Sizes of pages and files.
import { fstatSync, ftruncateSync, type PathLike, statSync, truncateSync } from 'node:fs';
import { checkInteger } from '../arguments/check.js';
import { outOfRange } from '../addon/errors.js';
import { descriptorOf, type FileArgument } from './file-argument.js';
import { map } from './native.js';

/** The size of a memory page in bytes, a power of two. */
export const pageSize: number = map.pageSize();

/** Returns `n` rounded up to a multiple of the page size. */
export function alignUp(n: number): number {
  const aligned = Math.ceil(checkInteger('n', n, 0) / pageSize) * pageSize;
  if (aligned > Number.MAX_SAFE_INTEGER) throw outOfRange('n', 'such that the result is at most 2 ** 53 - 1', n);
  return aligned;
}

/** Returns `n` rounded down to a multiple of the page size. */
export function alignDown(n: number): number {
  return checkInteger('n', n, 0) - (n % pageSize);
}

/**
 * Returns the size of a file in bytes. If `newSize` is given, first truncates the file to it, or extends it with zeros (a
 * hole).
 *
 * Throws what `fs.statSync` and `fs.truncateSync` throw.
 */
export function fileSize(file: FileArgument, newSize?: number): number {
  const fd = descriptorOf(file);
  if (newSize === undefined) return (fd === undefined ? statSync(file as PathLike) : fstatSync(fd)).size;
  checkInteger('newSize', newSize, 0);
  if (fd === undefined) truncateSync(file as PathLike, newSize);
  else ftruncateSync(fd, newSize);
  return newSize;
}
