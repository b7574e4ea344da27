//! A beacon: the kernel's word that a participant is alive.

use super::anchor::Anchor;
use super::bytes::{self, Hold};
use super::{FIRST_SLOT_BYTE, MAX_SLOTS, READERS_BYTE};
use crate::error::{OsError, Result, code};
use crate::process::ForkExcluded;
use crate::shm::ShmFile;
use std::ops::Range;

/// A locked byte that lives as long as what it hangs on: until this is dropped, or its process is gone in
/// whatever way. Neither forks nor threads that end matter.
#[derive(Debug)]
pub struct Beacon {
    anchor: Anchor,
    byte: u64,
}

impl Beacon {
    /// Takes the first free one of `slots`; `None` if living participants hold all of them.
    ///
    /// # Errors
    /// Unsupported where the locks are missing or have no effect; the system's own.
    pub fn light(fork: &ForkExcluded, file: &ShmFile, slots: Range<u32>) -> Result<Option<Beacon>> {
        assert!(slots.end <= MAX_SLOTS, "there are {MAX_SLOTS} slots at most");
        let again = file.reopen(file.access())?;
        for slot in slots {
            let byte = FIRST_SLOT_BYTE + u64::from(slot);
            if bytes::try_lock(&again, Hold::Exclusive, byte)? {
                return Self::hang(fork, file, again, byte).map(Some);
            }
        }
        Ok(None)
    }

    /// Shows that somebody is attached for reading only.
    ///
    /// # Errors
    /// As [`Beacon::light`]; busy if somebody holds the readers' byte for himself, which nobody should.
    pub fn light_reader(fork: &ForkExcluded, file: &ShmFile) -> Result<Beacon> {
        let again = file.reopen(file.access())?;
        if !bytes::try_lock(&again, Hold::Shared, READERS_BYTE)? {
            return Err(OsError::new("lock the readers' byte of", code::BUSY).at(file.path()));
        }
        Self::hang(fork, file, again, READERS_BYTE)
    }

    /// Makes the lock last, and proves that it is seen from outside: some kernels and file systems accept
    /// locks and ignore them.
    fn hang(fork: &ForkExcluded, file: &ShmFile, again: ShmFile, byte: u64) -> Result<Beacon> {
        let anchor = Anchor::hold(fork, again, byte).map_err(|error| error.at(file.path()))?;
        if !bytes::is_locked(file, byte, 1)? {
            let call = "byte locks that other openings of the file can see, on";
            return Err(OsError::new(call, code::UNSUPPORTED).at(file.path()));
        }
        Ok(Beacon { anchor, byte })
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
        self.anchor.is_ours()
    }
}
