//! Serialises creators in a directory when space is scarce: without it, processes that create the same large object
//! at the same time would each reserve its space, and all but one would discard it again.
//!
//! Correctness does not depend on it: any user who can open the directory can hold the lock for ever.

#![allow(unsafe_code, reason = "locks a directory")]

use super::directory::Directory;
use super::file::open_path;
use crate::error::Result;
use crate::process::ForkExcluded;
use std::os::fd::{AsRawFd, OwnedFd};

/// The right to create in a directory, held until this is dropped or the process exits.
#[derive(Debug)]
pub struct CreateLock {
    fd: OwnedFd,
}

impl CreateLock {
    /// Tries to acquire the lock, without waiting; returns `None` if another process holds it.
    ///
    /// # Errors
    /// Access denied for a directory that this user may not read; other system errors.
    pub fn try_acquire(_fork: &ForkExcluded, dir: &Directory) -> Result<Option<CreateLock>> {
        let fd = open_path(dir.path(), libc::O_RDONLY | libc::O_DIRECTORY, dir.path())?;
        // SAFETY: flock takes a descriptor, which `fd` keeps open, and flags.
        let taken = unsafe { libc::flock(fd.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) } == 0;
        Ok(taken.then_some(CreateLock { fd }))
    }
}

impl Drop for CreateLock {
    fn drop(&mut self) {
        // Closing would not do: a forked child may have a copy of the descriptor.
        // SAFETY: flock takes a descriptor, which `self.fd` keeps open, and flags.
        unsafe { libc::flock(self.fd.as_raw_fd(), libc::LOCK_UN) };
    }
}
