//! Linux: a mapping.
//!
//! Any code in the process can close a descriptor (daemons close them all), and children inherit it. Neither is
//! true of a mapping with `MADV_DONTFORK`.

#![allow(unsafe_code, reason = "maps a page")]

use crate::error::{OsError, Result};
use crate::process::{ForkExcluded, fork_epoch};
use crate::shm::ShmFile;
use std::os::fd::RawFd;
use std::ptr::{self, NonNull};

/// A mapped page of the file that is never accessed and that no child inherits. It keeps the open file description
/// alive, and with it the lock, after the descriptor is closed.
#[derive(Debug)]
pub(crate) struct LockHolder {
    address: NonNull<libc::c_void>,
    len: usize,
    epoch: u64,
}

// SAFETY: the page is mapped PROT_NONE and never accessed; only its existence matters, and any thread may unmap it.
unsafe impl Send for LockHolder {}
// SAFETY: shared references only read the plain field `epoch`.
unsafe impl Sync for LockHolder {}

impl LockHolder {
    /// Maps a page of `again`, which keeps the lock held, and closes the descriptor.
    pub(crate) fn new(_fork: &ForkExcluded, again: ShmFile, _byte: u64) -> Result<LockHolder> {
        Self::map(again.raw())
    }

    /// Returns false in a forked child, which does not have the page.
    pub(crate) fn is_ours(&self) -> bool {
        self.epoch == fork_epoch()
    }

    fn map(fd: RawFd) -> Result<LockHolder> {
        // SAFETY: sysconf takes a number and accesses no memory of ours.
        let len = unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as usize;
        // SAFETY: without MAP_FIXED the kernel picks unused addresses, so no memory in use is replaced.
        let address = unsafe { libc::mmap(ptr::null_mut(), len, libc::PROT_NONE, libc::MAP_SHARED, fd, 0) };
        let address = match NonNull::new(address) {
            Some(address) if address.as_ptr() != libc::MAP_FAILED => address,
            _ => return Err(OsError::last("mmap")),
        };
        let holder = LockHolder { address, len, epoch: fork_epoch() };
        // SAFETY: the range is the page just mapped; MADV_DONTFORK changes nothing in this process.
        if unsafe { libc::madvise(holder.address.as_ptr(), len, libc::MADV_DONTFORK) } != 0 {
            return Err(OsError::last("madvise"));
        }
        Ok(holder)
    }
}

impl Drop for LockHolder {
    fn drop(&mut self) {
        // A child does not have the page, and another mapping may have taken its address.
        if self.is_ours() {
            // SAFETY: this process mapped these `len` bytes at `address`, and nothing else refers to them.
            unsafe { libc::munmap(self.address.as_ptr(), self.len) };
        }
    }
}
