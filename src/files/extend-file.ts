// Making a file long enough to be mapped.
import { fstatSync } from 'node:fs';
import { map, WRITE } from './native.js';

/** Makes a file at least this long, unless it cannot be mapped for writing with this descriptor: then it keeps its length. */
export function extendFile(fd: number, size: number, execute = false): void {
  checkMappable(fd, execute);
  map.extend(fd, size);
}

// A map may begin in an empty file, except on Windows, where making such a map would extend it.
function checkMappable(fd: number, execute: boolean): void {
  if (process.platform === 'win32' && fstatSync(fd).size === 0) return;
  map.close(map.open(fd, WRITE, 0, 1, execute, false));
}
