//! Who may change what a name leads to.
//!
//! Whoever removes or replaces a name holds the NAME byte of the file behind it and looks again
//! whether the name still leads to this very file. Without that, two creators who both find a leftover
//! would remove it in turn, the second one removing the first one's new file.
//!
//! Whoever attaches holds the ATTACHING byte shared until its beacon is lit; whoever removes a leftover
//! holds it exclusively, so that nobody attaches between "nobody is attached" and the removal.

use super::bytes::{self, Hold};
use super::{ATTACHING_BYTE, NAME_BYTE};
use crate::error::{OsError, Result, code};
use crate::process::ForkExcluded;
use crate::shm::ShmFile;

/// A held byte; dropping it lets go. It cannot outlive the exclusion of forks, because a child would
/// share it.
#[derive(Debug)]
pub struct Turnstile<'a> {
    file: &'a ShmFile,
    byte: u64,
}

impl<'a> Turnstile<'a> {
    /// Takes the right to remove or replace names of the file, which must be open for writing, without
    /// waiting; `None` if another has it.
    ///
    /// # Errors
    /// Unsupported where the kernel has no such locks; the system's own. So for the other calls.
    pub fn name(fork: &'a ForkExcluded, file: &'a ShmFile) -> Result<Option<Self>> {
        Self::take(fork, file, NAME_BYTE, Hold::Exclusive)
    }

    /// Announces that this process is about to attach; `None` while a leftover is being removed.
    pub fn attaching(fork: &'a ForkExcluded, file: &'a ShmFile) -> Result<Option<Self>> {
        Self::take(fork, file, ATTACHING_BYTE, Hold::Shared)
    }

    /// Keeps others from attaching; `None` while somebody does.
    pub fn nobody_attaching(fork: &'a ForkExcluded, file: &'a ShmFile) -> Result<Option<Self>> {
        Self::take(fork, file, ATTACHING_BYTE, Hold::Exclusive)
    }

    fn take(_fork: &'a ForkExcluded, file: &'a ShmFile, byte: u64, hold: Hold) -> Result<Option<Self>> {
        Ok(bytes::try_lock(file, hold, byte)?.then_some(Turnstile { file, byte }))
    }
}

/// True if another opening of the file holds the right to change its names at this moment.
///
/// # Errors
/// As [`Turnstile::name`].
pub fn is_name_held(file: &ShmFile) -> Result<bool> {
    bytes::is_locked(file, NAME_BYTE, 1)
}

impl Drop for Turnstile<'_> {
    fn drop(&mut self) {
        bytes::unlock(self.file, self.byte);
    }
}

/// Holds the NAME byte of a file in the making until `release_name`.
pub(crate) fn hold_name(_fork: &ForkExcluded, file: &ShmFile) -> Result<()> {
    if bytes::try_lock(file, Hold::Exclusive, NAME_BYTE)? {
        return Ok(());
    }
    Err(OsError::new("lock the name of", code::BUSY).at(file.path()))
}

pub(crate) fn release_name(file: &ShmFile) {
    bytes::unlock(file, NAME_BYTE);
}
