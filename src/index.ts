// Everything that is public, in one module: the bundler makes one file of it and of what it rests on.
import { ShmError } from './addon/errors.js';
import { lockFile, lockFileSync, tryLockFile } from './files/file-lock.js';
import { mapFile } from './files/map-file.js';
import { mapMirror } from './files/map-mirror.js';
import { MemoryFile } from './files/memory-file.js';
import { alignDown, alignUp, fileSize, pageSize } from './files/pages.js';
import { SharedLocks } from './locks/shared-locks.js';
import { SharedMutex } from './mutex/shared-mutex.js';
import { SharedRing } from './ring/shared-ring.js';
import { SharedSegment } from './segment/shared-segment.js';
import { SharedSemaphore } from './semaphore/shared-semaphore.js';
import { SharedDict } from './dict/shared-dict.js';

// Plain properties: what a bundler makes of `export` are getters, which take time to define. The types are in index.d.ts.
const names: Record<string, unknown> = {
  SharedDict,
  SharedLocks,
  SharedMutex,
  SharedRing,
  SharedSegment,
  SharedSemaphore,
  ShmError,
  lockFile,
  lockFileSync,
  tryLockFile,
  mapFile,
  mapMirror,
  MemoryFile,
  alignDown,
  alignUp,
  fileSize,
  pageSize,
};

export = names;
