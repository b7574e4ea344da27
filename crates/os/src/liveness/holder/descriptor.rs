//! macOS and FreeBSD: the descriptor that acquired the lock.
//!
//! A mapping does not keep a lock alive on these systems, so the descriptor stays open. A forked child closes its
//! copy (`process::close_on_fork`); otherwise the lock would outlive the process that it stands for.

use crate::error::Result;
use crate::liveness::byte_lock;
use crate::process::{CloseOnFork, ForkExcluded};
use crate::shm::ShmFile;

/// An open file description that holds a lock and that no child keeps.
#[derive(Debug)]
pub(crate) struct LockHolder {
    file: ShmFile,
    byte: u64,
    registration: CloseOnFork,
}

impl LockHolder {
    /// Keeps `again`, which holds the lock on `byte`, open.
    pub(crate) fn new(_fork: &ForkExcluded, again: ShmFile, byte: u64) -> Result<LockHolder> {
        let registration = CloseOnFork::register(again.raw());
        Ok(LockHolder { file: again, byte, registration })
    }

    /// Returns false in a forked child, which has closed its copy.
    pub(crate) fn is_ours(&self) -> bool {
        self.registration.is_ours()
    }
}

impl Drop for LockHolder {
    fn drop(&mut self) {
        if self.is_ours() {
            // Unlocked while the descriptor is still on the list: a fork after that would copy a held lock.
            byte_lock::unlock(&self.file, self.byte);
        }
    }
}
