'use strict';
// The public entry. The assignments are static, so that ES modules can import the names.
exports.SharedDict = require('./dist/shared-dict.js').SharedDict;
exports.SharedLocks = require('./dist/locks/shared-locks.js').SharedLocks;
exports.SharedMutex = require('./dist/mutex/shared-mutex.js').SharedMutex;
exports.SharedSegment = require('./dist/segment/shared-segment.js').SharedSegment;
exports.SharedRing = require('./dist/ring/shared-ring.js').SharedRing;
exports.SharedSemaphore = require('./dist/semaphore/shared-semaphore.js').SharedSemaphore;
exports.ShmError = require('./dist/errors.js').ShmError;

const locks = require('./dist/files/file-lock.js');
exports.lockFile = locks.lockFile;
exports.lockFileSync = locks.lockFileSync;
exports.tryLockFile = locks.tryLockFile;

exports.mapFile = require('./dist/files/map-file.js').mapFile;
exports.mapMirror = require('./dist/files/map-mirror.js').mapMirror;
exports.MemoryFile = require('./dist/files/memory-file.js').MemoryFile;

const pages = require('./dist/files/pages.js');
exports.alignDown = pages.alignDown;
exports.alignUp = pages.alignUp;
exports.fileSize = pages.fileSize;
exports.pageSize = pages.pageSize;
