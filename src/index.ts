// All public exports in one module, from which the bundler makes one file.
import { ShmError } from './addon/errors.js';
import { sampleReads } from './dict/read-samples.js';
import { SharedDict } from './dict/shared-dict.js';
import { lockFile, lockFileSync, tryLockFile } from './files/file-lock.js';
import { mapFile } from './files/map-file.js';
import { mapMirror } from './files/map-mirror.js';
import { MemoryFile } from './files/memory-file.js';
import { alignDown, alignUp, fileSize, pageSize } from './files/pages.js';
import { kinds } from './kinds.js';
import { NamedObject } from './object/named-object.js';
import { WaitableObject } from './object/waitable-object.js';

// Plain properties: for `export` the bundler makes getters, which take time to define. The types are in index.d.ts.
const names: Record<string, unknown> = {
  NamedObject,
  WaitableObject,
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
for (const { Class } of kinds) names[Class.name] = Class;
// Before any handle is made.
if (process.env['SHMKIT_SAMPLE_READS'] === '1') sampleReads(SharedDict);

export = names;
