//! Linux: a mapping.
//!
//! A descriptor can be closed by anybody (daemons close them all) and is inherited by children; a mapping
//! is neither.

use crate::error::{OsError, Result};
use crate::process::{ForkExcluded, fork_epoch};
use crate::shm::ShmFile;
use std::os::fd::RawFd;
use std::ptr::{self, NonNull};

/// A page of the file's mapping that nobody touches and no child inherits. It keeps the opening of the file
/// alive, and with it the lock, when the descriptor is closed.
#[derive(Debug)]
pub(crate) struct Anchor {
    at: NonNull<libc::c_void>,
    bytes: usize,
    epoch: u64,
}

// SAFETY: the page is never accessed; only its existence matters, and unmapping works from any thread.
unsafe impl Send for Anchor {}
// SAFETY: as for Send.
unsafe impl Sync for Anchor {}

impl Anchor {
    /// Moves the lock that `again` holds from its descriptor, which is closed, to a mapping.
    pub(crate) fn hold(_fork: &ForkExcluded, again: ShmFile, _byte: u64) -> Result<Anchor> {
        Self::map(again.raw())
    }

    /// False in a forked child, which does not have the page.
    pub(crate) fn is_ours(&self) -> bool {
        self.epoch == fork_epoch()
    }

    fn map(fd: RawFd) -> Result<Anchor> {
        // SAFETY: sysconf takes a number.
        let bytes = unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as usize;
        // SAFETY: no address is asked for, so no memory in use is replaced.
        let at = unsafe { libc::mmap(ptr::null_mut(), bytes, libc::PROT_NONE, libc::MAP_SHARED, fd, 0) };
        let at = match NonNull::new(at) {
            Some(at) if at.as_ptr() != libc::MAP_FAILED => at,
            _ => return Err(OsError::last("mmap")),
        };
        let page = Anchor { at, bytes, epoch: fork_epoch() };
        // SAFETY: the range is the page just mapped.
        if unsafe { libc::madvise(page.at.as_ptr(), bytes, libc::MADV_DONTFORK) } != 0 {
            return Err(OsError::last("madvise"));
        }
        Ok(page)
    }
}

impl Drop for Anchor {
    fn drop(&mut self) {
        // A child does not have the page; there, another mapping may lie at its address by now.
        if self.is_ours() {
            // SAFETY: this process mapped the page, and nothing refers to it any more.
            unsafe { libc::munmap(self.at.as_ptr(), self.bytes) };
        }
    }
}
