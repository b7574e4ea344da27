//! macOS and FreeBSD: the descriptor that acquired the lock.
//!
//! A mapping does not keep a lock alive on these systems, so the descriptor stays open. A forked child closes its
//! copy (`process::close_on_fork`); otherwise the lock would outlive the process that it stands for.

use crate::error::Result;
use crate::liveness::byte_lock;
use crate::process::{ForkExcluded, Parental};
use crate::shm::ShmFile;

/// An open file description that holds a lock and that no child keeps.
#[derive(Debug)]
pub(crate) struct Anchor {
    file: ShmFile,
    byte: u64,
    parental: Parental,
}

impl Anchor {
    /// Keeps `again`, which holds the lock on `byte`, open.
    pub(crate) fn hold(_fork: &ForkExcluded, again: ShmFile, byte: u64) -> Result<Anchor> {
        let parental = Parental::enter(again.raw());
        Ok(Anchor { file: again, byte, parental })
    }

    /// Returns false in a forked child, which has closed its copy.
    pub(crate) fn is_ours(&self) -> bool {
        self.parental.is_ours()
    }
}

impl Drop for Anchor {
    fn drop(&mut self) {
        if self.is_ours() {
            // Unlocked while the descriptor is still on the list: a fork after that would copy a held lock.
            byte_lock::unlock(&self.file, self.byte);
        }
    }
}
