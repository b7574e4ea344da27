//! Where the parts of an entry's block lie: a function of its header.

use crate::layout::header::{HEADER_BYTES, Header};
use crate::value::ValueKind;

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

/// All shapes there are, by kind (4 bits), deadline, chain and checks.
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
    /// The shape of a block with this header: looked up, because every read and write asks for one.
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

    /// True if a change of scalar, list ends or deadline can be made in place.
    pub fn has_deadline(&self) -> bool {
        self.deadline != 0
    }
}

/// Where a part lies that comes at `end`, if there is one, and where it ends.
const fn part(end: u64, present: bool, bytes: u64) -> (u64, u64) {
    if present { (end, end + bytes) } else { (0, end) }
}
