// The public API.
//
// Times are in seconds; fractions are allowed. A wrong argument throws a `TypeError` or `RangeError` with Node's own
// code (`ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`). Every other failure throws a `ShmError`.
//
// Any call can throw `ERR_SHM_CLOSED`, `ERR_SHM_RETIRED`, `ERR_SHM_FORKED` and `ERR_SHM_CORRUPT`; any read or write
// `ERR_SHM_LOCK_TIMEOUT`; any write `ERR_SHM_READONLY`. The comments list only what a call can throw besides these.
export type {
  Codec,
  CodecOption,
  CreateOptions,
  DirectoryOptions,
  Entry,
  ExpiryOptions,
  GetOrSetOptions,
  HandleOptions,
  IncrDetail,
  IncrOptions,
  ListItem,
  OpenOptions,
  SegmentOptions,
  SetOptions,
  Size,
  StaleValue,
  TrustedUids,
  TtlOptions,
  ValueType,
  Verification,
} from './dist/types.js';
export type { ShmErrorCode, SystemErrorCode } from './dist/addon/error-codes.js';

export {
  type ListedObject,
  type MismatchOptions,
  NamedObject,
  type NamingOptions,
  type ObjectHandleOptions,
  type ObjectOpenOptions,
  type PruneOptions,
  WaitableObject,
  type WaitOptions,
} from './types/named-object.js';
export type { DictChanges } from './types/dict-changes.js';
export type { DictEvent, WaitForOptions, WatchOptions } from './dist/dict/watch-types.js';
export type { DeletePrefixOptions, DictIterator } from './dist/dict/iteration-types.js';
export type { ClassStats, ListedDict, Stats } from './dist/dict/stats-types.js';
export type { ThrottleOptions, ThrottleResult } from './dist/dict/throttle-types.js';
export type { KeyedDict } from './types/keyed-dict.js';
export type { DictIteration } from './types/dict-iteration.js';
export * from './types/files.js';
export * from './types/shared-channel.js';
export * from './types/shared-dict.js';
export * from './types/shared-locks.js';
export * from './types/shared-mutex.js';
export * from './types/shared-queue.js';
export * from './types/shared-segment.js';
export * from './types/shared-ring.js';
export * from './types/shared-semaphore.js';
export * from './types/shm-error.js';
