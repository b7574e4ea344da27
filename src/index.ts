// Everything that is public, in one module: the bundler makes one file of it and of what it rests on.
export { ShmError } from './errors.js';
export { lockFile, lockFileSync, tryLockFile } from './files/file-lock.js';
export { mapFile } from './files/map-file.js';
export { mapMirror } from './files/map-mirror.js';
export { MemoryFile } from './files/memory-file.js';
export { alignDown, alignUp, fileSize, pageSize } from './files/pages.js';
export { SharedLocks } from './locks/shared-locks.js';
export { SharedMutex } from './mutex/shared-mutex.js';
export { SharedRing } from './ring/shared-ring.js';
export { SharedSegment } from './segment/shared-segment.js';
export { SharedSemaphore } from './semaphore/shared-semaphore.js';
export { SharedDict } from './shared-dict.js';
