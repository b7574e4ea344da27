//! The change feed: what writers tell those that watch a dictionary.
//!
//! A writer stores a record of its change past the head of its shard's ring before it commits, and moves the head
//! afterwards. All of it happens under the shard's lock. Bytes that may be overwritten are first reserved, so that a reader,
//! which takes no lock, knows whether what it has copied was whole:
//!
//! ```text
//! write    reserved <- max(reserved, end of the record and of the ordinal after it); Release fence; record, next ordinal;
//!          the change, up to its commit; head <- end of the record; intent IDLE; unlock; wake watchers
//! read     bytes from the cursor to the head; Acquire fence; whole if reserved <= cursor + ring
//! ```
//! The head alone would not tell: a record overwrites the oldest bytes before the head moves. `reserved` never falls, also not
//! when an operation is undone. At the head stands the ordinal of the record to come, so that a reader that was overrun
//! learns exactly how many records it has missed.

mod recover;
mod watchers;
mod write;

pub(crate) use write::{Told, Untold};

/// What a record tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Change {
    /// An entry was written.
    Set = 1,
    /// A live entry was removed by a call.
    Delete = 2,
    /// An expired entry was reclaimed.
    Expire = 3,
    /// A live entry was evicted.
    Evict = 4,
}

impl Change {
    pub(crate) fn of(kind: u8) -> Option<Change> {
        [Change::Set, Change::Delete, Change::Expire, Change::Evict].into_iter().find(|it| *it as u8 == kind)
    }
}

/// The key is stored as two bytes a code unit.
pub(crate) const WIDE: u8 = 1;
/// The key is too long for the ring. In its place is the offset of the entry's block.
pub(crate) const WITHOUT_KEY: u8 = 2;
/// The next record is of the same change.
const CONTINUED: u8 = 4;

/// The third word of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RecordHead {
    pub kind: u8,
    pub flags: u8,
    pub epoch: u16,
    pub key_len: u16,
}

impl RecordHead {
    #[inline]
    fn encode(self) -> u64 {
        u64::from(self.kind)
            | u64::from(self.flags) << 8
            | u64::from(self.epoch) << 16
            | u64::from(self.key_len) << 32
    }

    pub(crate) fn decode(word: u64) -> RecordHead {
        RecordHead {
            kind: word as u8,
            flags: (word >> 8) as u8,
            epoch: (word >> 16) as u16,
            key_len: (word >> 32) as u16,
        }
    }
}
