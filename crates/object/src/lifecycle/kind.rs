//! What the lifecycle asks of a kind of named objects.

use super::options::{Blueprint, Differences, Naming};
use crate::error::Result;
use crate::membership::Membership;
use crate::superblock::Format;
use shmkit_os::shm::ShmFile;
use std::sync::Arc;

/// A kind of objects that live in a file each and are found by name. The value is what one process
/// keeps for one file, shared by all of its threads and handles.
///
/// A new kind brings its [`Format`], says how large a file it needs and with which parameters, and
/// checks what it finds; all else is done here. Nothing in a file is to be trusted: whoever may write it
/// may write anything. Only the superblock is checked before `attach`.
pub trait Kind: Send + Sync + Sized + 'static {
    /// Its format.
    const FORMAT: &'static Format;
    /// What a maker may choose.
    type Options;

    /// What is common to the options of all kinds.
    fn naming(options: &Self::Options) -> Naming;

    /// What to make of the options.
    ///
    /// # Errors
    /// [`crate::error::Error::OutOfRange`] for options that cannot be met.
    fn blueprint(options: &Self::Options) -> Result<Blueprint>;

    /// Writes what a new one holds from the start, before anybody else can see it.
    ///
    /// # Errors
    /// The kind's own.
    fn fill(&self, _options: &Self::Options) -> Result<()> {
        Ok(())
    }

    /// Compares what was found with the options given; missing ones match everything.
    fn compare(&self, asked: &Self::Options, differences: &mut Differences);

    /// Looks at the body of a file whose superblock is sound. `file` is what it was opened by; to use it
    /// later, reopen it. Nobody is registered yet.
    ///
    /// # Errors
    /// [`crate::error::Error::Corrupt`], and what the system refuses.
    fn attach(membership: Membership, file: &ShmFile) -> Result<Self>;

    /// Who this process is in the file.
    fn membership(&self) -> &Membership;

    /// For registering.
    fn membership_mut(&mut self) -> &mut Membership;

    /// Takes back whatever an earlier, dead owner of our slot held: called right after registering.
    fn take_over_slot(&self);

    /// What `list` tells of it, such as a number of entries; 0 if it cannot be known. The file may be
    /// anything, and nobody waits.
    fn tally(this: &Arc<Self>) -> u64;
}
