//! The shape of an entry's block: the offsets of its parts, a function of the header.

use crate::layout::header::{HEADER_BYTES, Header};
use crate::value::ValueKind;

/// Bytes of one list cell: head, tail, length, sequence number of the last removal.
pub(crate) const LIST_CELL: u64 = 32;

/// Offsets within an entry's block; 0 for a part that the entry does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Pair of scalar cells, 8 bytes each.
    pub scalar: u64,
    /// Pair of list cells, `LIST_CELL` bytes each.
    pub list: u64,
    /// Pair of deadline cells, 8 bytes each.
    pub deadline: u64,
    /// Checksum of the payload, then a pair of checksums of the cells, 4 bytes each.
    pub check: u64,
    /// Link to the next block, then the value's length.
    pub chain: u64,
    /// Key, then value.
    pub payload: u64,
}

/// All shapes, by type (4 bits), deadline, chain and checksums.
static SHAPES: [Shape; 128] = {
    let mut shapes = [Shape::with(0, false, false, false); 128];
    let mut code = 0;
    while code < 128 {
        shapes[code] = Shape::with(code as u8 & 15, code & 16 != 0, code & 32 != 0, code & 64 != 0);
        code += 1;
    }
    shapes
};

impl Shape {
    /// Returns the shape of a block with this header, from a table because every read and write needs one.
    #[inline]
    pub fn of(header: &Header, checksums: bool) -> &'static Shape {
        let code = header.kind as usize
            | usize::from(header.deadline) << 4
            | usize::from(header.chained) << 5
            | usize::from(checksums) << 6;
        &SHAPES[code & 127]
    }

    const fn with(kind: u8, deadline: bool, chained: bool, checksums: bool) -> Shape {
        let is_scalar = kind == ValueKind::Number as u8 || kind == ValueKind::BigInt as u8;
        let (scalar, end) = part(HEADER_BYTES, is_scalar, 16);
        let (list, end) = part(end, kind == ValueKind::List as u8, 2 * LIST_CELL);
        let (deadline, end) = part(end, deadline, 16);
        let (check, end) = part(end, checksums, 16);
        let (chain, end) = part(end, chained, 16);
        Shape { scalar, list, deadline, check, chain, payload: end }
    }

    /// Returns whether the deadline can be changed in place.
    pub fn has_deadline(&self) -> bool {
        self.deadline != 0
    }
}

/// Returns the offset of a part that would start at `end`, if it is present, and the end after it.
const fn part(end: u64, present: bool, bytes: u64) -> (u64, u64) {
    if present { (end, end + bytes) } else { (0, end) }
}
