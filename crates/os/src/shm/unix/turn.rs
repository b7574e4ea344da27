//! Taking turns in a folder, as a courtesy: who makes a large segment may ask the others to wait, so
//! that they do not take space for one of the same name that they will throw away again.
//!
//! Nothing depends on it: any user who can open the folder can hold its turn for ever.

use super::directory::Directory;
use super::file::open_path;
use crate::error::Result;
use crate::process::ForkExcluded;
use std::os::fd::{AsRawFd, OwnedFd};

/// One's turn in a folder, until it is dropped or the process is gone.
#[derive(Debug)]
pub struct Turn {
    fd: OwnedFd,
}

impl Turn {
    /// Asks for the turn, without waiting; `None` if somebody else has it.
    ///
    /// # Errors
    /// The system's own; a folder that this user may not read has no turns.
    pub fn try_take(_fork: &ForkExcluded, dir: &Directory) -> Result<Option<Turn>> {
        let fd = open_path(dir.path(), libc::O_RDONLY | libc::O_DIRECTORY, dir.path())?;
        // SAFETY: flock takes a descriptor, which is open, and flags.
        let taken = unsafe { libc::flock(fd.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) } == 0;
        Ok(taken.then_some(Turn { fd }))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // Closing is not enough: a forked child may have a copy of the descriptor.
        // SAFETY: flock takes a descriptor, which is open, and flags.
        unsafe { libc::flock(self.fd.as_raw_fd(), libc::LOCK_UN) };
    }
}
