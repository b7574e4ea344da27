//! Linux, macOS, FreeBSD: allocates blocks.

#![allow(unsafe_code, reason = "reserves space of files")]

use crate::error::{OsError, Result};
use std::fs::File;
use std::os::fd::AsRawFd;

pub(super) fn reserve(file: &File, from: u64, bytes: u64) -> Result<()> {
    let to_off_t = |value| libc::off_t::try_from(value).map_err(|_| OsError::new("fallocate", libc::EFBIG));
    let (from, bytes) = (to_off_t(from)?, to_off_t(bytes)?);
    loop {
        match allocate(file, from, bytes) {
            Err(error) if error.errno == libc::EINTR => {}
            outcome => return outcome,
        }
    }
}

#[cfg(target_os = "linux")]
fn allocate(file: &File, from: libc::off_t, bytes: libc::off_t) -> Result<()> {
    // SAFETY: fallocate takes a descriptor, which `file` keeps open, and numbers.
    match unsafe { libc::fallocate(file.as_raw_fd(), 0, from, bytes) } {
        0 => Ok(()),
        _ => Err(OsError::last("fallocate")),
    }
}

#[cfg(target_os = "freebsd")]
fn allocate(file: &File, from: libc::off_t, bytes: libc::off_t) -> Result<()> {
    // SAFETY: posix_fallocate takes a descriptor, which `file` keeps open, and numbers; it returns an errno.
    match unsafe { libc::posix_fallocate(file.as_raw_fd(), from, bytes) } {
        0 => Ok(()),
        // The answer of file systems without it.
        libc::EINVAL => Err(OsError::new("posix_fallocate", libc::EOPNOTSUPP)),
        errno => Err(OsError::new("posix_fallocate", errno)),
    }
}

/// Allocates the blocks, which does not change the length, and then sets the length.
#[cfg(target_os = "macos")]
fn allocate(file: &File, from: libc::off_t, bytes: libc::off_t) -> Result<()> {
    let mut request = libc::fstore_t {
        fst_flags: libc::F_ALLOCATEALL,
        fst_posmode: libc::F_PEOFPOSMODE,
        fst_offset: 0,
        fst_length: bytes,
        fst_bytesalloc: 0,
    };
    // SAFETY: `file` keeps the descriptor open; the command takes a pointer to an `fstore_t`, valid for reads and
    // writes, which `request` is for the whole call.
    if unsafe { libc::fcntl(file.as_raw_fd(), libc::F_PREALLOCATE, &raw mut request) } == -1 {
        return Err(OsError::last("fcntl"));
    }
    let end = from.checked_add(bytes).ok_or(OsError::new("ftruncate", libc::EFBIG))?;
    file.set_len(end as u64).map_err(|error| OsError::from_io("ftruncate", &error))
}
