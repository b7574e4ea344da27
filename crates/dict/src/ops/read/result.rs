//! The result of a read, and the proof that it is current.

use crate::layout::version::Version;
use crate::layout::word::IndexWord;
use shmkit_object::superblock::EpochWord;

/// Three words that prove that an entry is current and unchanged, as long as the words at offsets `EPOCH`,
/// `word_at` and `version_at`, loaded in this order, still have these values; docs/locking.md has the proof.
/// It does not cover time: an entry with a deadline expires by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validator {
    /// The epoch word.
    pub epoch: u64,
    /// Offset of the index word.
    pub word_at: u64,
    /// The index word.
    pub word: u64,
    /// Offset of the block; its first word is the version.
    pub version_at: u64,
    /// The version.
    pub version: u64,
}

impl Validator {
    #[inline]
    pub(crate) fn new(epoch: EpochWord, word_at: u64, word: IndexWord, version: Version) -> Self {
        Validator { epoch: epoch.0, word_at, word: word.0, version_at: word.block(), version: version.0 }
    }
}

/// How precisely a read compares a deadline with the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClockUse {
    /// The coarse clock decides, unless the deadline is near.
    Coarse,
    /// The precise clock decides, and its value is returned.
    Exact,
}

/// An entry that was read, with the caller's output.
#[derive(Debug, Clone, Copy)]
pub struct ReadResult<T> {
    /// What the caller made of the value.
    pub output: T,
    /// Changes with every write of the key and never repeats for it.
    pub version: u64,
    /// Boot-clock nanoseconds at which it expires; 0 means never.
    pub deadline: u64,
    /// Clock value at a moment when the entry was current; 0 if the clock was not read.
    pub(crate) observed_at: u64,
}
