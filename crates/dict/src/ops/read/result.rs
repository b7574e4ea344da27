//! What a read gives back, and what it rests on.

use crate::layout::version::Version;
use crate::layout::word::IndexWord;
use shmkit_object::superblock::EpochWord;

/// What an entry that was read rests on. As long as the words at offset `EPOCH`, `word_at` and
/// `version_at` are what they were, loaded in this order, the entry is current and unchanged; the proof
/// is in docs/locking.md. It says nothing about time: an entry with a deadline expires by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Witness {
    /// The epoch word.
    pub epoch: u64,
    /// Offset of the index word.
    pub word_at: u64,
    /// The index word.
    pub word: u64,
    /// Offset of the block, whose first word is the version.
    pub version_at: u64,
    /// The version.
    pub version: u64,
}

impl Witness {
    #[inline]
    pub(crate) fn new(epoch: EpochWord, word_at: u64, word: IndexWord, version: Version) -> Self {
        Witness { epoch: epoch.0, word_at, word: word.0, version_at: word.block(), version: version.0 }
    }
}

/// What a read wants to know of the time of an entry that may expire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Time {
    /// Whether it has come.
    Come,
    /// How long it is till then.
    Left,
}

/// An entry that was read, with what was made of its value.
#[derive(Debug, Clone, Copy)]
pub struct Reading<T> {
    /// What was made of the value.
    pub made: T,
    /// Changes with every write of the key and never repeats for it.
    pub version: u64,
    /// Boot-clock nanoseconds at which it expires; 0 means never.
    pub deadline: u64,
    /// What the clock said before it was checked that the entry was current; 0 if it was not asked.
    pub(crate) seen_at: u64,
}
