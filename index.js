'use strict';
// The public entry. The assignments are static, so that ES modules can import the names.
const shmkit = require('./dist/shmkit.js');

exports.SharedChannel = shmkit.SharedChannel;
exports.SharedDict = shmkit.SharedDict;
exports.SharedLocks = shmkit.SharedLocks;
exports.SharedMutex = shmkit.SharedMutex;
exports.SharedQueue = shmkit.SharedQueue;
exports.SharedSegment = shmkit.SharedSegment;
exports.SharedRing = shmkit.SharedRing;
exports.SharedSemaphore = shmkit.SharedSemaphore;
exports.NamedObject = shmkit.NamedObject;
exports.WaitableObject = shmkit.WaitableObject;
exports.ShmError = shmkit.ShmError;

exports.lockFile = shmkit.lockFile;
exports.lockFileSync = shmkit.lockFileSync;
exports.tryLockFile = shmkit.tryLockFile;

exports.mapFile = shmkit.mapFile;
exports.mapMirror = shmkit.mapMirror;
exports.MemoryFile = shmkit.MemoryFile;

exports.alignDown = shmkit.alignDown;
exports.alignUp = shmkit.alignUp;
exports.fileSize = shmkit.fileSize;
exports.pageSize = shmkit.pageSize;
