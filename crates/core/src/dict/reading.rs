//! What a read gives back, and what it rests on.

use crate::entry::read::Snapshot;
use crate::error::{Error, Result};
use crate::layout::superblock::EpochWord;
use crate::layout::version::Version;
use crate::layout::word::IndexWord;
use crate::value::{Entry, Kind, Value};

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
    pub(super) fn new(epoch: EpochWord, word_at: u64, word: IndexWord, version: Version) -> Self {
        Witness { epoch: epoch.0, word_at, word: word.0, version_at: word.block(), version: version.0 }
    }
}

/// What users see of an entry; the bytes of its value are in a buffer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    pub kind: Kind,
    pub scalar: u64,
    /// Where the value starts in the buffer, behind the key.
    pub value_at: usize,
    pub version: u64,
    pub deadline: u64,
    /// As in [`Snapshot`].
    pub seen_at: u64,
}

impl From<&Snapshot> for Reading {
    fn from(entry: &Snapshot) -> Self {
        Reading {
            kind: entry.header.kind,
            scalar: entry.scalar(),
            value_at: entry.header.key_len as usize,
            version: entry.version.0,
            deadline: entry.cells.deadline,
            seen_at: entry.seen_at,
        }
    }
}

impl Reading {
    /// With the value's bytes out of `buffer`.
    ///
    /// # Errors
    /// [`Error::WrongType`] on a list.
    #[inline(always)]
    pub(super) fn entry(self, buffer: &[u8]) -> Result<Entry<'_>> {
        if self.kind == Kind::List {
            return Err(list());
        }
        let bytes = buffer.get(self.value_at..).unwrap_or_default();
        let value = Value { kind: self.kind, scalar: self.scalar, bytes };
        Ok(Entry { value, version: self.version, deadline: self.deadline })
    }
}

#[cold]
fn list() -> Error {
    Error::WrongType("the value is a list")
}
