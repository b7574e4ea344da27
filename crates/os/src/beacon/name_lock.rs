//! The NAME byte: who attaches holds it shared, who removes or replaces a name holds it exclusively
//! and looks again whether the name still leads to this very file. Without that, two creators who
//! both find a leftover would remove it in turn, the second one removing the first one's new file.

use super::NAME_BYTE;
use super::ofd::{self, Hold};
use crate::error::{OsError, Result};
use crate::process::ForkExcluded;
use crate::shm::ShmFile;

/// A held NAME byte; dropping it lets go. It cannot outlive the exclusion of forks, because a child
/// would share it.
#[derive(Debug)]
pub struct NameLock<'a> {
    file: &'a ShmFile,
}

impl<'a> NameLock<'a> {
    /// Takes the byte without waiting; `None` if others hold it in a way that forbids this one.
    ///
    /// # Errors
    /// `EOPNOTSUPP` where the kernel has no such locks; the system's own.
    pub fn try_take(_fork: &'a ForkExcluded, file: &'a ShmFile, hold: Hold) -> Result<Option<Self>> {
        Ok(ofd::try_lock(file, hold, NAME_BYTE)?.then_some(NameLock { file }))
    }
}

impl Drop for NameLock<'_> {
    fn drop(&mut self) {
        release_name(self.file);
    }
}

/// Holds the byte of a file in the making until `release_name`.
pub(crate) fn hold_name(_fork: &ForkExcluded, file: &ShmFile) -> Result<()> {
    if ofd::try_lock(file, Hold::Exclusive, NAME_BYTE)? {
        return Ok(());
    }
    Err(OsError::new("lock the name of", libc::EBUSY).at(file.path()))
}

pub(crate) fn release_name(file: &ShmFile) {
    ofd::unlock(file, NAME_BYTE);
}
