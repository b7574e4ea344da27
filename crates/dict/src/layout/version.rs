//! The version word: the first word of an entry's block.
//!
//! ```text
//! 63                              2   1     0
//! |        shard's sequence        | cell | odd |
//! ```
//! `odd` means that the block is being written or was freed. `cell` selects the current one of each pair of cells
//! (scalar, deadline, list ends, checksum), so that one store of this word commits a change in place. The sequence is
//! drawn from the shard and never repeats, so a version never repeats for a key, however often it is deleted, moved or
//! cleared.

const ODD: u64 = 1;
const CELL: u64 = 2;

/// Version of an entry's block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version(pub u64);

impl Version {
    /// Returns the version of a newly written block: cell 0.
    #[inline]
    pub fn fresh(sequence: u64) -> Self {
        Version(sequence << 2)
    }

    /// Returns the version after a change in place: the other cell.
    #[inline]
    pub fn in_place(self, sequence: u64) -> Self {
        Version(sequence << 2 | (self.0 & CELL ^ CELL))
    }

    /// Returns the same version, marked as being written or freed.
    #[inline]
    pub fn odd(self) -> Self {
        Version(self.0 | ODD)
    }

    /// Returns whether the block is being written or was freed.
    #[inline]
    pub fn is_odd(self) -> bool {
        self.0 & ODD != 0
    }

    /// Returns the number of the current cell of each pair: 0 or 1.
    #[inline]
    pub fn cell(self) -> u64 {
        (self.0 & CELL) / CELL
    }

    /// Returns the sequence number.
    #[inline]
    pub fn sequence(self) -> u64 {
        self.0 >> 2
    }
}
