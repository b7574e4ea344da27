//! Where the parts of an entry's block lie: a function of its header.

use crate::layout::header::{HEADER_BYTES, Header};
use crate::value::Kind;

/// Bytes of one side of the list cells: head, tail, length.
pub const LIST_CELL: u64 = 24;

/// Offsets within an entry's block. A part that the entry does not have is at 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Twin scalars, 8 bytes each.
    pub scalar: u64,
    /// Twin list cells, `LIST_CELL` bytes each.
    pub list: u64,
    /// Twin deadlines, 8 bytes each.
    pub deadline: u64,
    /// Check of the payload, then twin checks of the cells, 4 bytes each.
    pub check: u64,
    /// Link and value length.
    pub chain: u64,
    /// Key, then value.
    pub payload: u64,
}

impl Shape {
    /// The shape of a block with this header.
    #[inline]
    pub fn of(header: &Header, checksums: bool) -> Shape {
        let mut end = HEADER_BYTES;
        let mut part = |present: bool, bytes: u64| {
            let at = end;
            end += if present { bytes } else { 0 };
            if present { at } else { 0 }
        };
        let scalar = part(matches!(header.kind, Kind::Number | Kind::BigInt), 16);
        let list = part(header.kind == Kind::List, 2 * LIST_CELL);
        let deadline = part(header.deadline, 16);
        let check = part(checksums, 16);
        let chain = part(header.chained, 16);
        Shape { scalar, list, deadline, check, chain, payload: end }
    }

    /// True if a change of scalar, list ends or deadline can be made in place.
    pub fn has_deadline(&self) -> bool {
        self.deadline != 0
    }
}
