//! A beacon: the kernel's word that a participant is alive.

use super::ofd::{self, Hold};
use super::{FIRST_SLOT_BYTE, MAX_SLOTS, READERS_BYTE};
use crate::error::{OsError, Result};
use crate::process::{ForkExcluded, fork_epoch};
use crate::shm::ShmFile;
use std::ops::Range;
use std::os::fd::RawFd;
use std::ptr::{self, NonNull};

/// A locked byte that lives as long as the mapping it hangs on: until this is dropped, or its process
/// is gone in whatever way. Neither closing descriptors nor forking nor threads that end matter.
#[derive(Debug)]
pub struct Beacon {
    page: Page,
    byte: u64,
}

impl Beacon {
    /// Takes the first free one of `slots`; `None` if living participants hold all of them.
    ///
    /// # Errors
    /// `EOPNOTSUPP` where the locks are missing or have no effect; the system's own.
    pub fn light(fork: &ForkExcluded, file: &ShmFile, slots: Range<u32>) -> Result<Option<Beacon>> {
        assert!(slots.end <= MAX_SLOTS, "there are {MAX_SLOTS} slots at most");
        let again = file.reopen(file.access())?;
        for slot in slots {
            let byte = FIRST_SLOT_BYTE + u64::from(slot);
            if ofd::try_lock(&again, Hold::Exclusive, byte)? {
                return Self::hang_on_page(fork, file, &again, byte).map(Some);
            }
        }
        Ok(None)
    }

    /// Shows that somebody is attached for reading only.
    ///
    /// # Errors
    /// As [`Beacon::light`]; `EBUSY` if somebody holds the readers' byte for himself, which nobody should.
    pub fn light_reader(fork: &ForkExcluded, file: &ShmFile) -> Result<Beacon> {
        let again = file.reopen(file.access())?;
        if !ofd::try_lock(&again, Hold::Shared, READERS_BYTE)? {
            return Err(OsError::new("lock the readers' byte of", libc::EBUSY).at(file.path()));
        }
        Self::hang_on_page(fork, file, &again, READERS_BYTE)
    }

    /// Moves the lock from the descriptor, which the caller closes, to a mapping, and proves that it
    /// is seen from outside: some kernels and file systems accept locks and ignore them.
    fn hang_on_page(_fork: &ForkExcluded, file: &ShmFile, again: &ShmFile, byte: u64) -> Result<Beacon> {
        let page = Page::map(again.raw()).map_err(|error| error.at(file.path()))?;
        if !ofd::is_locked(file, byte, 1)? {
            let call = "byte locks that other openings of the file can see, on";
            return Err(OsError::new(call, libc::EOPNOTSUPP).at(file.path()));
        }
        Ok(Beacon { page, byte })
    }

    /// The slot it stands for; `None` for a reader's.
    pub fn slot(&self) -> Option<u32> {
        self.byte.checked_sub(FIRST_SLOT_BYTE).map(|slot| slot as u32)
    }

    pub(super) fn byte(&self) -> u64 {
        self.byte
    }

    /// False in a forked child of the process that lit it.
    pub fn is_ours(&self) -> bool {
        self.page.epoch == fork_epoch()
    }
}

/// A page of the file's mapping that nobody touches and no child inherits.
#[derive(Debug)]
struct Page {
    at: NonNull<libc::c_void>,
    bytes: usize,
    epoch: u64,
}

// SAFETY: the page is never accessed; only its existence matters, and unmapping works from any thread.
unsafe impl Send for Page {}
// SAFETY: as for Send.
unsafe impl Sync for Page {}

impl Page {
    fn map(fd: RawFd) -> Result<Page> {
        // SAFETY: sysconf takes a number.
        let bytes = unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as usize;
        // SAFETY: no address is asked for, so no memory in use is replaced.
        let at = unsafe { libc::mmap(ptr::null_mut(), bytes, libc::PROT_NONE, libc::MAP_SHARED, fd, 0) };
        let at = match NonNull::new(at) {
            Some(at) if at.as_ptr() != libc::MAP_FAILED => at,
            _ => return Err(OsError::last("mmap a beacon of")),
        };
        let page = Page { at, bytes, epoch: fork_epoch() };
        // SAFETY: the range is the page just mapped.
        if unsafe { libc::madvise(page.at.as_ptr(), bytes, libc::MADV_DONTFORK) } != 0 {
            return Err(OsError::last("madvise MADV_DONTFORK a beacon of"));
        }
        Ok(page)
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // A child does not have the page; there, another mapping may lie at its address by now.
        if self.epoch == fork_epoch() {
            // SAFETY: this process mapped the page, and nothing refers to it any more.
            unsafe { libc::munmap(self.at.as_ptr(), self.bytes) };
        }
    }
}
