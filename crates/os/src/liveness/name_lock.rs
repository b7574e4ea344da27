//! Locks that order changes of a name against each other and against attaching.
//!
//! A process that removes or replaces a name holds the NAME byte of the file with that name, and then checks again
//! that the name still leads to this file. Without the lock, two creators that find the same stale file
//! would both remove the name, and the second would remove the first one's new file.
//!
//! A process that attaches holds the ATTACHING byte shared until it has its liveness lock. A process that removes a
//! stale file holds the byte exclusively, so that no process attaches between the check that none is attached and
//! the removal.

use super::byte_lock::{self, LockMode};
use super::{ATTACHING_BYTE, NAME_BYTE};
use crate::error::{OsError, Result, code};
use crate::process::ForkExcluded;
use crate::shm::ShmFile;

/// A locked NAME or ATTACHING byte, unlocked when this is dropped. It cannot outlive the exclusion of forks, because
/// a forked child would share the lock.
#[derive(Debug)]
pub struct Turnstile<'a> {
    file: &'a ShmFile,
    byte: u64,
}

impl<'a> Turnstile<'a> {
    /// Tries to acquire, without waiting, the right to remove or replace names of the file, which must be open
    /// for writing; returns `None` if another process has it.
    ///
    /// # Errors
    /// Unsupported if the kernel has no such locks; other system errors. The same holds for the other calls.
    pub fn name(fork: &'a ForkExcluded, file: &'a ShmFile) -> Result<Option<Self>> {
        Self::take(fork, file, NAME_BYTE, LockMode::Exclusive)
    }

    /// Tries to announce that this process is about to attach; returns `None` while the file is being removed as stale.
    pub fn attaching(fork: &'a ForkExcluded, file: &'a ShmFile) -> Result<Option<Self>> {
        Self::take(fork, file, ATTACHING_BYTE, LockMode::Shared)
    }

    /// Tries to keep other processes from attaching; returns `None` while one is attaching.
    pub fn nobody_attaching(fork: &'a ForkExcluded, file: &'a ShmFile) -> Result<Option<Self>> {
        Self::take(fork, file, ATTACHING_BYTE, LockMode::Exclusive)
    }

    fn take(_fork: &'a ForkExcluded, file: &'a ShmFile, byte: u64, mode: LockMode) -> Result<Option<Self>> {
        Ok(byte_lock::try_lock(file, mode, byte)?.then_some(Turnstile { file, byte }))
    }
}

/// Returns whether another open file description holds the right to change the file's names at this moment.
///
/// # Errors
/// Like [`Turnstile::name`].
pub fn is_name_held(file: &ShmFile) -> Result<bool> {
    byte_lock::is_locked(file, NAME_BYTE, 1)
}

impl Drop for Turnstile<'_> {
    fn drop(&mut self) {
        byte_lock::unlock(self.file, self.byte);
    }
}

/// Locks the NAME byte of a file that is being created, until `unlock_name`.
pub(crate) fn lock_name(_fork: &ForkExcluded, file: &ShmFile) -> Result<()> {
    if byte_lock::try_lock(file, LockMode::Exclusive, NAME_BYTE)? {
        return Ok(());
    }
    Err(OsError::new("lock the name of", code::BUSY).at(file.path()))
}

/// Unlocks the NAME byte.
pub(crate) fn unlock_name(file: &ShmFile) {
    byte_lock::unlock(file, NAME_BYTE);
}
