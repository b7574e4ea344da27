// The codes of errors. Re-exported by index.d.ts, so the comments are for users.

/**
 * Codes of system failures, as on Node's own errors, where no `ERR_SHM_` code is more specific. The list has those that
 * are known to happen.
 */
export type SystemErrorCode =
  | 'EAGAIN'
  | 'EBADF'
  | 'EBUSY'
  | 'EEXIST'
  | 'EINVAL'
  | 'EIO'
  | 'EMFILE'
  | 'ENAMETOOLONG'
  | 'ENFILE'
  | 'ENOENT'
  | 'ENOLCK'
  | 'ENOMEM'
  | 'ESTALE'
  | 'UNKNOWN';

/** The codes of `ShmError`. */
export type ShmErrorCode =
  | SystemErrorCode
  | 'ERR_SHM_INVALID_NAME'
  | 'ERR_SHM_EXISTS'
  | 'ERR_SHM_NOT_FOUND'
  | 'ERR_SHM_NO_SPACE'
  | 'ERR_SHM_FULL'
  | 'ERR_SHM_TOO_LARGE'
  | 'ERR_SHM_WRONG_TYPE'
  | 'ERR_SHM_OVERFLOW'
  | 'ERR_SHM_LOCK_TIMEOUT'
  | 'ERR_SHM_CONTENTION'
  | 'ERR_SHM_DEADLOCK'
  | 'ERR_SHM_NOT_CLAIMED'
  | 'ERR_SHM_READONLY'
  | 'ERR_SHM_CLOSED'
  | 'ERR_SHM_RETIRED'
  | 'ERR_SHM_LAYOUT'
  | 'ERR_SHM_CORRUPT'
  | 'ERR_SHM_OPTIONS_MISMATCH'
  | 'ERR_SHM_UNTRUSTED'
  | 'ERR_SHM_ACCESS'
  | 'ERR_SHM_TOO_MANY_PROCESSES'
  | 'ERR_SHM_FORKED'
  | 'ERR_SHM_TIMEOUT'
  | 'ERR_SHM_UNSUPPORTED'
  | 'ERR_SHM_TRUNCATED'
  | 'ERR_SHM_TOO_SHORT'
  | 'ERR_SHM_NO_VIEW'
  | 'ERR_SHM_REMOTE';
