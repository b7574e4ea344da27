//! The second word of every block, which describes its contents.
//!
//! ```text
//! an entry's block                                    a piece of a chain, a chunk of a list
//! 63        40 39     24 23    8 7   6   5   4  3  0   63                          44 43      8 7  4 3  0
//! | value len | key len | epoch | 0 | C | D | W | kind |   |             0            | owner / 8 |  0 | kind |
//! |    24     |   16    |  16   |   |   |   |   |  4   |                                    36
//! ```
//! W: the key is UTF-16. D: there are deadline cells. C: chained; the value's length is in a word of its own.
//! The value of a boolean is its value length.

use crate::value::ValueKind;

/// Bytes before an entry's cells, or before a piece's payload.
pub(crate) const HEADER_BYTES: u64 = 16;
/// Position of the value's length in the word.
pub(crate) const LENGTH_SHIFT: u32 = 40;
/// Longest value whose length fits into the header.
pub(crate) const MAX_INLINE_VALUE: u64 = (1 << 24) - 1;

const KIND_CHUNK: u64 = 14;
const KIND_PIECE: u64 = 15;
const WIDE: u64 = 1 << 4;
const DEADLINE: u64 = 1 << 5;
const CHAINED: u64 = 1 << 6;

/// An entry's second word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Type of the value.
    pub kind: ValueKind,
    /// Whether the key is UTF-16.
    pub wide: bool,
    /// Whether there are deadline cells.
    pub deadline: bool,
    /// Whether key and value continue in other blocks.
    pub chained: bool,
    /// Low bits of the epoch in which the entry was written.
    pub epoch: u16,
    /// Bytes of the key.
    pub key_len: u32,
    /// Bytes of the value, unless chained.
    pub value_len: u32,
}

impl Header {
    /// Returns the stored form.
    #[inline]
    pub fn encode(&self) -> u64 {
        u64::from(self.kind as u8)
            | (u64::from(self.wide) * WIDE)
            | (u64::from(self.deadline) * DEADLINE)
            | (u64::from(self.chained) * CHAINED)
            | u64::from(self.epoch) << 8
            | u64::from(self.key_len) << 24
            | u64::from(self.value_len) << 40
    }

    /// Returns the header in a word, if it is that of an entry.
    #[inline]
    pub fn decode(word: u64) -> Option<Header> {
        let kind = ValueKind::from_code((word & 15) as u8)?;
        Some(Header {
            kind,
            wide: word & WIDE != 0,
            deadline: word & DEADLINE != 0,
            chained: word & CHAINED != 0,
            epoch: (word >> 8) as u16,
            key_len: (word >> 24) as u32 & 0xFFFF,
            value_len: (word >> 40) as u32,
        })
    }
}

/// Returns the bytes of the key of an entry with this second word.
#[inline]
pub(crate) fn key_len(word: u64) -> u64 {
    word >> 24 & 0xFFFF
}

/// Returns the tag of the epoch of an entry with this second word.
#[inline]
pub(crate) fn epoch(word: u64) -> u16 {
    (word >> 8) as u16
}

/// Returns the second word of a piece of a chain whose entry's block is at byte `owner`.
pub(crate) fn piece(owner: u64) -> u64 {
    KIND_PIECE | (owner / 8) << 8
}

/// Returns the second word of a chunk of a list whose entry's block is at byte `owner`.
pub(crate) fn chunk(owner: u64) -> u64 {
    KIND_CHUNK | (owner / 8) << 8
}

/// Returns the block of the entry that a piece or chunk belongs to; `None` for any other word.
pub(crate) fn owner_of(word: u64) -> Option<u64> {
    matches!(word & 15, KIND_CHUNK | KIND_PIECE).then(|| (word >> 8 & ((1 << 36) - 1)) * 8)
}
