//! What the lifecycle requires of a kind of named objects.

use super::file_words::FileWords;
use super::options::{CreateParams, NameOptions, OptionMismatch};
use crate::error::Result;
use crate::membership::Membership;
use crate::superblock::{Format, Superblock};
use shmkit_os::OsError;
use shmkit_os::shm::ShmFile;
use std::ops::Range;

/// A kind of objects that live in a file each and are found by name. The value is what one process
/// keeps for one file, shared by all its threads and handles.
///
/// A new kind provides its [`Format`], says how large a file it needs and with which parameters, and checks what it
/// finds; everything else is done here. No byte of a file is trusted: a process that may write it may write anything.
/// Only the superblock is checked before `attach`.
pub trait Kind: Send + Sync + Sized + 'static {
    /// Its format.
    const FORMAT: &'static Format;
    /// The options of its creators.
    type Options;

    /// Returns the options that all kinds have.
    fn name_options(options: &Self::Options) -> NameOptions;

    /// Returns the parameters of a new file.
    ///
    /// # Errors
    /// [`crate::error::Error::OutOfRange`] for options that cannot be met.
    fn create_params(options: &Self::Options) -> Result<CreateParams>;

    /// Returns the parts of a new file that have memory from the beginning, and the bytes that all of them take; `None` if
    /// the whole file has. Only files with a maximum size may return parts.
    fn first_parts(_params: &CreateParams) -> Option<(Vec<Range<u64>>, u64)> {
        None
    }

    /// Writes the initial content of a new object, before it has a name.
    ///
    /// # Errors
    /// The kind's own.
    fn fill(&self, _options: &Self::Options) -> Result<()> {
        Ok(())
    }

    /// Compares an object that was found with the options asked for. Omitted options match everything.
    fn compare(&self, asked: &Self::Options, mismatch: &mut OptionMismatch);

    /// Attaches to the body of a file whose superblock is sound. `file` is the opening that was mapped; to keep it,
    /// reopen it. This process is not registered yet.
    ///
    /// # Errors
    /// [`crate::error::Error::Corrupt`], and system errors.
    fn attach(membership: Membership, file: &ShmFile) -> Result<Self>;

    /// Keeps the object in memory, never in swap, as long as the value lives. Idempotent.
    ///
    /// # Errors
    /// The system's, at the limit of the user (`ulimit -l`).
    fn keep_in_memory(&self) -> std::result::Result<(), OsError> {
        self.membership().region.keep_in_memory()
    }

    /// Returns this process's membership of the file.
    fn membership(&self) -> &Membership;

    /// Returns the membership, for registering.
    fn membership_mut(&mut self) -> &mut Membership;

    /// Recovers everything that a dead previous owner of our slot held. Called immediately after registering.
    fn recover_slot(&self);

    /// Returns the number that `list` shows, such as that of its entries; 0 if unknown. The superblock is sound; the rest
    /// of the file may contain anything, and is not mapped.
    fn count(words: &FileWords<'_>, superblock: &Superblock) -> u64;

    /// Returns the bytes that a file with a maximum size takes. The superblock is sound, as for `count`.
    fn taken(_words: &FileWords<'_>, superblock: &Superblock) -> u64 {
        superblock.size
    }
}
