//! The lock by which the kernel vouches that a participant is alive.

use super::byte_lock;
use super::holder::LockHolder;
use super::{FIRST_SLOT_BYTE, MAX_SLOTS, READERS_BYTE};
use crate::error::{OsError, Result, code};
use crate::lock_mode::LockMode;
use crate::process::ForkExcluded;
use crate::shm::ShmFile;
use std::ops::Range;

/// A locked byte of a shared-memory file. The kernel holds it until this is dropped or the process exits for
/// any reason; forks and the exit of single threads do not affect it.
#[derive(Debug)]
pub struct LivenessLock {
    holder: LockHolder,
    byte: u64,
}

impl LivenessLock {
    /// Acquires the first free slot in `slots`; returns `None` if live participants hold all of them.
    ///
    /// # Errors
    /// Unsupported if the locks are missing or have no effect; other system errors.
    pub fn acquire(fork: &ForkExcluded, file: &ShmFile, slots: Range<u32>) -> Result<Option<LivenessLock>> {
        assert!(slots.end <= MAX_SLOTS, "slot numbers are below {MAX_SLOTS}");
        let again = file.reopen(file.access())?;
        for slot in slots {
            let byte = FIRST_SLOT_BYTE + u64::from(slot);
            if byte_lock::try_lock(&again, LockMode::Exclusive, byte)? {
                return Self::hand_over(fork, file, again, byte).map(Some);
            }
        }
        Ok(None)
    }

    /// Acquires the readers' lock, which all processes attached read-only share.
    ///
    /// # Errors
    /// Like [`LivenessLock::acquire`]; busy if a foreign program holds the readers' byte exclusively.
    pub fn acquire_shared(fork: &ForkExcluded, file: &ShmFile) -> Result<LivenessLock> {
        let again = file.reopen(file.access())?;
        if !byte_lock::try_lock(&again, LockMode::Shared, READERS_BYTE)? {
            return Err(OsError::new("lock the readers' byte of", code::BUSY).at(file.path()));
        }
        Self::hand_over(fork, file, again, READERS_BYTE)
    }

    /// Hands the lock to its holder, and checks that other open file descriptions see it: some kernels and
    /// file systems accept locks and ignore them.
    fn hand_over(fork: &ForkExcluded, file: &ShmFile, again: ShmFile, byte: u64) -> Result<LivenessLock> {
        let holder = LockHolder::new(fork, again, byte).map_err(|error| error.at(file.path()))?;
        if !byte_lock::has_conflict(file, LockMode::Exclusive, byte, 1)? {
            let call = "byte locks visible to other open file descriptions, on";
            return Err(OsError::new(call, code::UNSUPPORTED).at(file.path()));
        }
        Ok(LivenessLock { holder, byte })
    }

    /// Returns the slot that it stands for; `None` for the readers' lock.
    pub fn slot(&self) -> Option<u32> {
        self.byte.checked_sub(FIRST_SLOT_BYTE).map(|slot| slot as u32)
    }

    pub(super) fn byte(&self) -> u64 {
        self.byte
    }

    /// Returns false in a forked child of the process that acquired it.
    pub fn is_ours(&self) -> bool {
        self.holder.is_ours()
    }
}
