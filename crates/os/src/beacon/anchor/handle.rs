//! Windows: the handle that took the lock. It is not inheritable, so no other process ever has it.

use crate::beacon::bytes;
use crate::error::Result;
use crate::process::ForkExcluded;
use crate::shm::ShmFile;

/// An opening of the file that holds a lock.
#[derive(Debug)]
pub(crate) struct Anchor {
    file: ShmFile,
    byte: u64,
}

impl Anchor {
    /// Keeps `again`, which holds the lock of `byte`.
    pub(crate) fn hold(_fork: &ForkExcluded, again: ShmFile, byte: u64) -> Result<Anchor> {
        Ok(Anchor { file: again, byte })
    }

    /// Always: there are no forks.
    pub(crate) fn is_ours(&self) -> bool {
        true
    }
}

impl Drop for Anchor {
    fn drop(&mut self) {
        // Closing gives the lock back at the system's leisure.
        bytes::unlock(&self.file, self.byte);
    }
}
