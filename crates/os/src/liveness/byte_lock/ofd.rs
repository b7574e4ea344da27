//! Linux and macOS: open-file-description locks.

#![allow(unsafe_code, reason = "locks bytes of files")]

use self::kind::{EXCLUSIVE, SHARED, UNLOCKED};
use crate::error::{OsError, Result, retry};
use crate::lock_mode::LockMode;
use crate::shm::ShmFile;
#[cfg(target_os = "linux")]
use libc::F_OFD_GETLK;
#[cfg(target_os = "linux")]
pub(crate) use libc::F_OFD_SETLK;

/// From the system's <sys/fcntl.h>; macOS has these commands since 10.15 at the latest.
#[cfg(target_os = "macos")]
pub(crate) const F_OFD_SETLK: libc::c_int = 90;
#[cfg(target_os = "macos")]
const F_OFD_GETLK: libc::c_int = 92;

/// The lock types, in the type of the field that takes them.
#[allow(clippy::unnecessary_cast, reason = "the constants' types differ between systems")]
pub(crate) mod kind {
    use libc::c_short;

    pub(crate) const SHARED: c_short = libc::F_RDLCK as c_short;
    pub(crate) const EXCLUSIVE: c_short = libc::F_WRLCK as c_short;
    pub(crate) const UNLOCKED: c_short = libc::F_UNLCK as c_short;
}

fn request(kind: libc::c_short, from: u64, bytes: u64) -> libc::flock {
    // SAFETY: `flock` consists of integers, so all zeros is a valid value; its fields are set below.
    let mut request: libc::flock = unsafe { std::mem::zeroed() };
    request.l_type = kind;
    request.l_whence = libc::SEEK_SET as libc::c_short;
    request.l_start = from as libc::off_t;
    request.l_len = bytes as libc::off_t;
    request
}

fn kind_of(mode: LockMode) -> libc::c_short {
    match mode {
        LockMode::Shared => SHARED,
        LockMode::Exclusive => EXCLUSIVE,
    }
}

/// Runs a lock command. Kernels without these locks report the command as invalid; the error then says which lock
/// kind is missing.
fn control(file: &ShmFile, command: libc::c_int, request: &mut libc::flock) -> Result<()> {
    // SAFETY: `file` keeps the descriptor open; both commands take a pointer to a `flock`, valid for reads and
    // writes, which `request` is for the whole call.
    let result = retry("fcntl", || unsafe { libc::fcntl(file.raw(), command, &raw mut *request) });
    match result {
        Ok(_) => Ok(()),
        Err(error) if matches!(error.errno, libc::EINVAL | libc::ENOSYS) => {
            let call = "open-file-description locks (fcntl F_OFD_SETLK) on";
            Err(OsError::new(call, libc::EOPNOTSUPP).at(file.path()))
        }
        Err(error) => Err(error.at(file.path())),
    }
}

/// Tries to lock one byte, without waiting; returns false if another open file description has it locked.
pub(in crate::liveness) fn try_lock(file: &ShmFile, mode: LockMode, byte: u64) -> Result<bool> {
    match control(file, F_OFD_SETLK, &mut request(kind_of(mode), byte, 1)) {
        Ok(()) => Ok(true),
        // Both mean that another open file description holds it: POSIX allows either.
        Err(error) if matches!(error.errno, libc::EAGAIN | libc::EACCES) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Unlocks one byte. Closing the descriptor would not do: its copies keep the lock.
pub(in crate::liveness) fn unlock(file: &ShmFile, byte: u64) {
    // If foreign code closed the descriptor, its lock is released already.
    let _ = control(file, F_OFD_SETLK, &mut request(UNLOCKED, byte, 1));
}

/// Returns whether another open file description has any of the `bytes` bytes at `from` locked so that `mode` conflicts.
pub(in crate::liveness) fn has_conflict(
    file: &ShmFile,
    mode: LockMode,
    from: u64,
    bytes: u64,
) -> Result<bool> {
    let mut request = request(kind_of(mode), from, bytes);
    control(file, F_OFD_GETLK, &mut request)?;
    Ok(request.l_type != UNLOCKED)
}
