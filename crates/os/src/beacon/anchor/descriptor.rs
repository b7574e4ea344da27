//! macOS and FreeBSD: the descriptor that took the lock.
//!
//! A mapping does not keep a lock there. So the descriptor stays open, and a forked child closes its copy
//! (`process::inherited`), or the lock would outlive the process that it stands for.

use crate::beacon::bytes;
use crate::error::Result;
use crate::process::{ForkExcluded, Parental};
use crate::shm::ShmFile;

/// An opening of the file that holds a lock, and that no child keeps.
#[derive(Debug)]
pub(crate) struct Anchor {
    file: ShmFile,
    byte: u64,
    parental: Parental,
}

impl Anchor {
    /// Keeps `again`, which holds the lock of `byte`.
    pub(crate) fn hold(_fork: &ForkExcluded, again: ShmFile, byte: u64) -> Result<Anchor> {
        let parental = Parental::enter(again.raw());
        Ok(Anchor { file: again, byte, parental })
    }

    /// False in a forked child, which has closed its copy.
    pub(crate) fn is_ours(&self) -> bool {
        self.parental.is_ours()
    }
}

impl Drop for Anchor {
    fn drop(&mut self) {
        if self.is_ours() {
            // Before the descriptor leaves the list: a fork in between would copy it.
            bytes::unlock(&self.file, self.byte);
        }
    }
}
