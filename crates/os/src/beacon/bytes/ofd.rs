//! Linux and macOS: locks of an open file description.

use self::kind::{EXCLUSIVE, SHARED, UNLOCKED};
use super::Hold;
use crate::error::{OsError, Result, retry};
use crate::shm::ShmFile;
#[cfg(target_os = "linux")]
use libc::F_OFD_GETLK;
#[cfg(target_os = "linux")]
pub(crate) use libc::F_OFD_SETLK;

/// As in the system's <sys/fcntl.h>; the kernel has them since 10.15 at the latest.
#[cfg(target_os = "macos")]
pub(crate) const F_OFD_SETLK: libc::c_int = 90;
#[cfg(target_os = "macos")]
const F_OFD_GETLK: libc::c_int = 92;

/// The constants of each system in the type of the field that they are for.
#[allow(clippy::unnecessary_cast, reason = "the constants' types differ between systems")]
pub(crate) mod kind {
    use libc::c_short;

    pub(crate) const SHARED: c_short = libc::F_RDLCK as c_short;
    pub(crate) const EXCLUSIVE: c_short = libc::F_WRLCK as c_short;
    pub(crate) const UNLOCKED: c_short = libc::F_UNLCK as c_short;
}

fn request(kind: libc::c_short, from: u64, bytes: u64) -> libc::flock {
    // SAFETY: zeros are a valid `flock`: a read lock of everything; its fields are set below.
    let mut request: libc::flock = unsafe { std::mem::zeroed() };
    request.l_type = kind;
    request.l_whence = libc::SEEK_SET as libc::c_short;
    request.l_start = from as libc::off_t;
    request.l_len = bytes as libc::off_t;
    request
}

/// Errors name what is missing: kernels without these locks call the command invalid.
fn control(file: &ShmFile, command: libc::c_int, request: &mut libc::flock) -> Result<()> {
    // SAFETY: the descriptor is open; these commands take a pointer to a `flock`, which `request` is.
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

/// Locks one byte, without waiting; false if another opening of the file holds it.
pub(in crate::beacon) fn try_lock(file: &ShmFile, hold: Hold, byte: u64) -> Result<bool> {
    let kind = match hold {
        Hold::Shared => SHARED,
        Hold::Exclusive => EXCLUSIVE,
    };
    match control(file, F_OFD_SETLK, &mut request(kind, byte, 1)) {
        Ok(()) => Ok(true),
        // Both mean "held by another": the manual allows either.
        Err(error) if matches!(error.errno, libc::EAGAIN | libc::EACCES) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Lets go of one byte. It is never left to `close`: copies of the descriptor keep the lock.
pub(in crate::beacon) fn unlock(file: &ShmFile, byte: u64) {
    // A descriptor that was closed behind our back took its lock along.
    let _ = control(file, F_OFD_SETLK, &mut request(UNLOCKED, byte, 1));
}

/// True if another opening of the file holds one of `bytes` bytes from `from`, in whatever way.
pub(in crate::beacon) fn is_locked(file: &ShmFile, from: u64, bytes: u64) -> Result<bool> {
    let mut request = request(EXCLUSIVE, from, bytes);
    control(file, F_OFD_GETLK, &mut request)?;
    Ok(request.l_type != UNLOCKED)
}
