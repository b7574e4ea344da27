// Memory maps, file locks and cursors.
export {
  lockFile,
  lockFileSync,
  tryLockFile,
  type FileLock,
  type LockFileAsyncOptions,
  type LockFileOptions,
  type LockFileWaitOptions,
} from '../dist/files/file-lock.js';
export type { FileArgument } from '../dist/files/file-argument.js';
export { mapFile, type MapFileOptions } from '../dist/files/map-file.js';
export { mapMirror, type MapMirrorOptions } from '../dist/files/map-mirror.js';
export { MemoryFile, type LinesOptions, type Whence } from '../dist/files/memory-file.js';
export type { Advice, FlushOptions, MemoryMap } from '../dist/files/memory-map.js';
export { alignDown, alignUp, fileSize, pageSize } from '../dist/files/pages.js';
