//! Where the parts of a plain entry lie, by the lower bits of its header.
//!
//! A plain entry is in a single block, without checksums, and not a list.

use super::header::{Header, MAX_INLINE_VALUE};
use super::shape::Shape;
use crate::value::ValueKind;

/// The layout of a plain entry. Offsets are in words; 0 stands for a part that the entry does not have.
#[derive(Debug, Clone, Copy)]
pub struct PlainLayout {
    /// Type of the value.
    pub kind: ValueKind,
    /// Offset of the scalar cells.
    pub scalar: u8,
    /// Offset of the deadline cells.
    pub deadline: u8,
    /// Offset of the key.
    pub payload: u8,
    /// Selects the value's length from the header; 0 if the value has no bytes.
    pub length_mask: u32,
}

/// The layouts of a segment's plain entries, by the header's bits for kind, W and D. Lists have none.
#[derive(Debug)]
pub struct PlainLayouts([Option<PlainLayout>; 64]);

impl PlainLayouts {
    /// Computes the table; with checksums no entry is plain. Not a static table, because the compiler turns one that it
    /// knows into slower comparisons.
    pub fn new(checksums: bool) -> Self {
        PlainLayouts(std::array::from_fn(|bits| if checksums { None } else { PlainLayout::of(bits as u64) }))
    }

    /// Returns the layout that a header's lower bits select.
    #[inline(always)]
    pub fn of(&self, header: u64) -> Option<&PlainLayout> {
        self.0[header as usize % self.0.len()].as_ref()
    }
}

impl PlainLayout {
    fn of(header: u64) -> Option<PlainLayout> {
        let header = Header::decode(header).filter(|header| header.kind != ValueKind::List)?;
        let (kind, shape) = (header.kind, Shape::of(&header, false));
        Some(PlainLayout {
            kind,
            scalar: (shape.scalar / 8) as u8,
            deadline: (shape.deadline / 8) as u8,
            payload: (shape.payload / 8) as u8,
            length_mask: if kind.is_scalar() { 0 } else { MAX_INLINE_VALUE as u32 },
        })
    }
}
