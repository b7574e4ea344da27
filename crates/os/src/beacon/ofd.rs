//! The three lock operations of an open file description.

use crate::error::{OsError, Result, retry};
use crate::shm::ShmFile;

/// How a byte is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    /// Beside others who hold it shared. Works on files opened for reading only.
    Shared,
    /// Alone. The file must be open for writing.
    Exclusive,
}

fn request(kind: libc::c_int, from: u64, bytes: u64) -> libc::flock {
    // SAFETY: zeros are a valid `flock`: a read lock of everything; its fields are set below.
    let mut request: libc::flock = unsafe { std::mem::zeroed() };
    request.l_type = kind as libc::c_short;
    request.l_whence = libc::SEEK_SET as libc::c_short;
    request.l_start = from as libc::off_t;
    request.l_len = bytes as libc::off_t;
    request
}

/// Errors name what is missing: kernels without these locks call the command invalid.
fn control(file: &ShmFile, command: libc::c_int, request: &mut libc::flock) -> Result<()> {
    // SAFETY: the descriptor is open; these commands take a pointer to a `flock`, which `request` is.
    let result = retry("lock a byte of", || unsafe { libc::fcntl(file.raw(), command, &raw mut *request) });
    match result {
        Ok(_) => Ok(()),
        Err(error) if matches!(error.errno, libc::EINVAL | libc::ENOLCK | libc::ENOSYS) => {
            let call = "open-file-description locks (fcntl F_OFD_SETLK) on";
            Err(OsError::new(call, libc::EOPNOTSUPP).at(file.path()))
        }
        Err(error) => Err(error.at(file.path())),
    }
}

/// Locks one byte, without waiting; false if another opening of the file holds it.
pub(super) fn try_lock(file: &ShmFile, hold: Hold, byte: u64) -> Result<bool> {
    let kind = match hold {
        Hold::Shared => libc::F_RDLCK,
        Hold::Exclusive => libc::F_WRLCK,
    };
    match control(file, libc::F_OFD_SETLK, &mut request(kind, byte, 1)) {
        Ok(()) => Ok(true),
        // Both mean "held by another": the manual allows either.
        Err(error) if matches!(error.errno, libc::EAGAIN | libc::EACCES) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Lets go of one byte. It is never left to `close`: copies of the descriptor keep the lock.
pub(super) fn unlock(file: &ShmFile, byte: u64) {
    // A descriptor that was closed behind our back took its lock along.
    let _ = control(file, libc::F_OFD_SETLK, &mut request(libc::F_UNLCK, byte, 1));
}

/// True if another opening of the file holds one of `bytes` bytes from `from`, in whatever way.
pub(super) fn is_locked(file: &ShmFile, from: u64, bytes: u64) -> Result<bool> {
    let mut request = request(libc::F_WRLCK, from, bytes);
    control(file, libc::F_OFD_GETLK, &mut request)?;
    Ok(request.l_type != libc::F_UNLCK as libc::c_short)
}
