// Maps the same memory several times in a row.
import { constants, fstatSync } from 'node:fs';
import { checkInteger } from '../arguments/check.js';
import { outOfRange } from '../addon/errors.js';
import { checkOptions, type OptionNames } from '../arguments/options.js';
import { extendFile } from './extend-file.js';
import { type FileArgument, withFile } from './file-argument.js';
import { MemoryMap } from './memory-map.js';
import { map } from './native.js';
import { alignUp } from './pages.js';

/** Options of `mapMirror`. */
export interface MapMirrorOptions {
  /** The size of one copy in bytes, rounded up to a multiple of `pageSize`. On Windows it must be a multiple of 64 KiB. */
  size: number;
  /** How many copies to map in a row. Default 2. */
  times?: number | undefined;
  /** The file to map from its start, created or extended if needed. Default: private anonymous memory. */
  file?: FileArgument | undefined;
}

const MIRROR_NAMES: OptionNames<MapMirrorOptions> = { size: true, times: true, file: true };
/** Stands for no file. */
const NO_FILE = -1;
/** More mappings than a process is allowed by default. */
const MOST_TIMES = 65_536;

/**
 * Maps the same memory `times` times in a row and returns the map. O(`times`). Byte `i` and byte `i + size * k` are the
 * same byte, so that a write past the end continues at the start: a ring buffer whose records are always contiguous.
 *
 * Throws system errors like Node's own calls. A file that the call has created is removed then, if it is still empty.
 */
export function mapMirror(options: MapMirrorOptions): MemoryMap {
  const { size, times = 2, file } = checkOptions('options', options ?? null, MIRROR_NAMES);
  const aligned = alignUp(checkInteger('options.size', size, 1));
  // Rounded up without a word, it would be another size than a program can tell from `pageSize`.
  if (aligned % map.granularity() !== 0) throw outOfRange('options.size', `a multiple of ${map.granularity()} on this system`, size);
  checkInteger('options.times', times, 1, Math.min(MOST_TIMES, Math.floor(Number.MAX_SAFE_INTEGER / aligned)));
  if (file === undefined || file === null) return mapped(NO_FILE, aligned, times);
  return withFile(file, constants.O_RDWR | constants.O_CREAT, (fd) => {
    if (fstatSync(fd).size < aligned) extendFile(fd, aligned);
    return mapped(fd, aligned, times);
  });
}

function mapped(fd: number, size: number, times: number): MemoryMap {
  return new MemoryMap({ id: map.mirror(fd, size, times), size, times, readOnly: false });
}
