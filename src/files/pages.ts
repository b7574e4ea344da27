// Sizes of pages and files.
import { fstatSync, ftruncateSync, type PathLike, statSync, truncateSync } from 'node:fs';
import { checkInteger } from '../arguments/check.js';
import { outOfRange } from '../addon/errors.js';
import { descriptorOf, type FileArgument } from './file-argument.js';
import { native } from '../addon/native.js';

/** Bytes of a page of memory, a power of two. */
export const pageSize: number = native.map.pageSize();

/** The next multiple of the page size: `n` itself if it is one. */
export function alignUp(n: number): number {
  const aligned = Math.ceil(checkInteger('n', n, 0) / pageSize) * pageSize;
  if (aligned > Number.MAX_SAFE_INTEGER) throw outOfRange('n', 'such that the result is at most 2 ** 53 - 1', n);
  return aligned;
}

/** The multiple of the page size before `n`: `n` itself if it is one. */
export function alignDown(n: number): number {
  return checkInteger('n', n, 0) - (n % pageSize);
}

/**
 * Bytes of a file. With `newSize`, cuts it or makes it longer (with a hole of zeros) first. Throws what `fs.statSync`
 * and `fs.truncateSync` throw.
 */
export function fileSize(file: FileArgument, newSize?: number): number {
  const fd = descriptorOf(file);
  if (newSize === undefined) return (fd === undefined ? statSync(file as PathLike) : fstatSync(fd)).size;
  checkInteger('newSize', newSize, 0);
  if (fd === undefined) truncateSync(file as PathLike, newSize);
  else ftruncateSync(fd, newSize);
  return newSize;
}
