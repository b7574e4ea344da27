// Mapping files.
import { constants, fstatSync } from 'node:fs';
import { checkBoolean, checkInteger } from '../arguments/check.js';
import { checkOptions, type OptionNames } from '../arguments/options.js';
import { ShmError, wrongType, wrongValue } from '../addon/errors.js';
import { type FileArgument, withFile } from './file-argument.js';
import { extendFile } from './extend-file.js';
import { MemoryMap } from './memory-map.js';
import { map, WRITE } from './native.js';
import { pageSize } from './pages.js';

/** Options of `mapFile`. */
export interface MapFileOptions {
  /**
   * `'r'` (default): read only. `'rw'`: read and write; the file is created or extended if `length` requires it. `'copy'`:
   * writes stay private to this map. Anonymous memory is always writable.
   */
  access?: 'r' | 'rw' | 'copy' | undefined;
  /** The first byte to map, a multiple of `pageSize`. Default 0. */
  offset?: number | undefined;
  /** The number of bytes to map. Default: to the end of the file. */
  length?: number | undefined;
  /** Allow code in the memory to be executed. Default `false`. */
  execute?: boolean | undefined;
  /** Load all pages now. Default `false`. */
  populate?: boolean | undefined;
}

const MAP_NAMES: OptionNames<MapFileOptions> = { access: true, offset: true, length: true, execute: true, populate: true };

/** Checked options. */
interface Request {
  readonly access: number;
  readonly offset: number;
  readonly length: number | undefined;
  readonly execute: boolean;
  readonly populate: boolean;
}

const READ = 0;
const COPY = 2;
const ACCESS: Record<string, number> = { r: READ, rw: WRITE, copy: COPY };
/** Stands for no file. */
const NO_FILE = -1;

/**
 * Maps a file (a path, or a descriptor or `FileHandle`, which may be closed afterwards), or anonymous memory for `null`,
 * and returns the map. O(1), or O(pages) with `populate`. When a file is extended, its space is allocated at once.
 *
 * Throws `ERR_SHM_TOO_SHORT` if the file is empty or ends before the range to map, and system errors like Node's own
 * calls. A file that the call has created is removed then, if it is still empty.
 */
export function mapFile(file: FileArgument | null, options?: MapFileOptions): MemoryMap {
  const request = checkRequest(options);
  if (file === null) return mapNothing(request);
  const flags = request.access === WRITE ? constants.O_RDWR : constants.O_RDONLY;
  const create = request.access === WRITE && request.length !== undefined ? constants.O_CREAT : 0;
  return withFile(file, flags | create, (fd) => mapDescriptor(fd, request));
}

function mapNothing(request: Request): MemoryMap {
  const { length, offset, execute, populate } = request;
  if (length === undefined) throw wrongType('options.length', 'of type number if there is no file', length);
  if (offset !== 0) throw wrongValue('options.offset', 'must be 0 if there is no file', offset);
  const id = map.open(NO_FILE, COPY, 0, length, execute, populate);
  return new MemoryMap({ id, size: length, times: 1, readOnly: false });
}

function mapDescriptor(fd: number, request: Request): MemoryMap {
  const { access, offset, execute, populate } = request;
  const present = fstatSync(fd).size;
  const length = request.length ?? Math.max(present - offset, 0);
  if (length === 0 || offset + length > present) {
    checkCanExtend(access, present, offset, length);
    extendFile(fd, offset + length, execute);
  }
  const id = map.open(fd, access, offset, length, execute, populate);
  return new MemoryMap({ id, size: length, times: 1, readOnly: access === READ });
}

function checkCanExtend(access: number, present: number, offset: number, length: number): void {
  if (length > 0 && access === WRITE) return;
  const wanted = length === 0 ? 'at least one' : `${offset + length}`;
  throw new ShmError('ERR_SHM_TOO_SHORT', `the file has ${present} bytes, and ${wanted} from offset ${offset} on are to be mapped`);
}

function checkRequest(argument: unknown): Request {
  const { access = 'r', offset = 0, length, execute, populate } = checkOptions('options', argument, MAP_NAMES);
  if (typeof access !== 'string') throw wrongType('options.access', 'of type string', access);
  const code = Object.hasOwn(ACCESS, access) ? ACCESS[access] : undefined;
  if (code === undefined) throw wrongValue('options.access', "must be 'r', 'rw' or 'copy'", access);
  checkInteger('options.offset', offset, 0);
  if (offset % pageSize !== 0) throw wrongValue('options.offset', `must be a multiple of the page size, ${pageSize}`, offset);
  const most = Number.MAX_SAFE_INTEGER - offset;
  return {
    access: code,
    offset,
    length: length === undefined ? undefined : checkInteger('options.length', length, 1, most),
    execute: checkBoolean('options.execute', execute) ?? false,
    populate: checkBoolean('options.populate', populate) ?? false,
  };
}
