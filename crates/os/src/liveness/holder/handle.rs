//! Windows: the handle that acquired the lock. It is not inheritable, so no other process ever has it.

use crate::error::Result;
use crate::liveness::byte_lock;
use crate::process::ForkExcluded;
use crate::shm::ShmFile;

/// A handle that holds a lock.
#[derive(Debug)]
pub(crate) struct LockHolder {
    file: ShmFile,
    byte: u64,
}

impl LockHolder {
    /// Keeps `again`, which holds the lock on `byte`, open.
    pub(crate) fn new(_fork: &ForkExcluded, again: ShmFile, byte: u64) -> Result<LockHolder> {
        Ok(LockHolder { file: again, byte })
    }

    /// Returns true: there are no forks.
    pub(crate) fn is_ours(&self) -> bool {
        true
    }
}

impl Drop for LockHolder {
    fn drop(&mut self) {
        // Closing the handle releases the lock at some later time.
        byte_lock::unlock(&self.file, self.byte);
    }
}
