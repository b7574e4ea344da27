import type { ShmErrorCode } from '../dist/addon/error-codes.js';

/**
 * An error of the shared memory. The code is stable; the message is for people and may change.
 *
 * - `ERR_SHM_INVALID_NAME`: the name does not match `[A-Za-z0-9_][A-Za-z0-9._-]{0,99}`
 * - `ERR_SHM_EXISTS`, `ERR_SHM_NOT_FOUND`: the name to create is in use; the name to open does not exist
 * - `ERR_SHM_NO_SPACE`: the file system cannot hold the segment
 * - `ERR_SHM_FULL`: there is no room for this entry; the previous value is kept
 * - `ERR_SHM_TOO_LARGE`: the key, value or message exceeds its limit
 * - `ERR_SHM_WRONG_TYPE`: the call does not work on this type of value
 * - `ERR_SHM_OVERFLOW`: the result of `incr` cannot be stored; the value is unchanged
 * - `ERR_SHM_LOCK_TIMEOUT`: a live process held a lock and made no progress for `lockTimeout`
 * - `ERR_SHM_CONTENTION`: the value changed during every attempt to read it, or before each of 10,000 attempts to `update` it
 * - `ERR_SHM_DEADLOCK`: the call would wait for itself
 * - `ERR_SHM_NOT_CLAIMED`: the job is not claimed by this handle any more
 * - `ERR_SHM_READONLY`, `ERR_SHM_CLOSED`: the handle is read-only, or closed
 * - `ERR_SHM_RETIRED`: the segment was replaced while this handle had it open
 * - `ERR_SHM_LAYOUT`: the file is not one of shmkit's, or its layout cannot be used by this version
 * - `ERR_SHM_CORRUPT`: the segment is damaged beyond repair
 * - `ERR_SHM_OPTIONS_MISMATCH`: the existing object was created with different options; see `onMismatch`
 * - `ERR_SHM_UNTRUSTED`: the file belongs to another user, or is a symbolic link or not a regular file
 * - `ERR_SHM_ACCESS`: the system denied access
 * - `ERR_SHM_TOO_MANY_PROCESSES`: live processes hold all participant slots
 * - `ERR_SHM_FORKED`: the handle was opened before a raw fork of this process
 * - `ERR_SHM_TIMEOUT`: the `timeout` of an asynchronous call passed
 * - `ERR_SHM_TOO_SHORT`: the file ends before the range to be mapped
 * - `ERR_SHM_TRUNCATED`: a mapped file has become shorter
 * - `ERR_SHM_NO_VIEW`: the runtime does not allow a zero-copy view, or not one of this length
 * - `ERR_SHM_REMOTE`: a call of `shmkit/valkey` failed at the server or on the way; `cause` is the client's error
 * - `ERR_SHM_UNSUPPORTED`: the file system, kernel or runtime lacks a feature, or this handle lacks a value's codec
 * - `EMFILE`, `ENOMEM`, `EIO` and the like: the system failed; `errno`, `syscall` and usually `path` are set, as on
 *   Node's own errors
 */
export class ShmError extends Error {
  constructor(code: ShmErrorCode, message: string);
  readonly name: 'ShmError';
  /** A stable code; see the list above. */
  readonly code: ShmErrorCode;
  /** Bytes needed. Set for `ERR_SHM_FULL` and `ERR_SHM_NO_SPACE`. */
  readonly needed?: number;
  /** Bytes free. Set for `ERR_SHM_FULL` and `ERR_SHM_NO_SPACE`. */
  readonly free?: number;
  /** The directory that lacks space. Set for `ERR_SHM_NO_SPACE`. */
  readonly directory?: string;
  /** Bytes of the key, value or message. Set for `ERR_SHM_TOO_LARGE`. */
  readonly size?: number;
  /** The limit that was exceeded. Set for `ERR_SHM_TOO_LARGE` and `ERR_SHM_TOO_MANY_PROCESSES`. */
  readonly limit?: number;
  /** The process that holds the lock. Set for `ERR_SHM_LOCK_TIMEOUT`. */
  readonly pid?: number;
  /** The object that the call was made on. Set for all errors of calls on one object. */
  readonly object?: { readonly kind: 'dict' | 'locks' | 'mutex' | 'ring' | 'segment' | 'semaphore'; readonly name: string };
  /** The key, where the call has one. */
  readonly key?: string;
  /** The object's name. Set for `ERR_SHM_EXISTS` and `ERR_SHM_NOT_FOUND`. */
  readonly segment?: string;
  /** The file's path. Set for `ERR_SHM_EXISTS`, `ERR_SHM_NOT_FOUND` and most system failures. */
  readonly path?: string;
  /** The system's error number, negated. Set for system failures. */
  readonly errno?: number;
  /** The system call that failed. Set for system failures. */
  readonly syscall?: string;
  /** The number of entries that `setMany` had stored before it failed. */
  readonly count?: number;
}
