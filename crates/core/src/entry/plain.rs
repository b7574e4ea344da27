//! Reading the most common entries at once: in a single block, not cleared, without checks.
//!
//! One comparison of the header tells that an entry is such a one and may have the key. What is not,
//! or was torn, goes the general way of [`super::read`], which knows every case.

use super::read::Snapshot;
use super::seen::{Seen, SeenBytes};
use super::{Cells, Shape};
use crate::layout::geometry::Geometry;
use crate::layout::header::{HEADER_BYTES, Header};
use crate::layout::version::Version;
use crate::layout::word::Link;
use crate::segment::Segment;
use crate::value::{Key, Kind, Value};

/// Bits of the header that a key and an epoch determine, and the flag that must not be set.
const DETERMINED: u64 = 0x00FF_FFFF_FFD0;

/// Most bytes that lie before a plain entry's payload: two words, and twin cells of two kinds.
const MOST_FIXED: u64 = HEADER_BYTES + 32;

/// What the header of a plain entry of a key looks like.
#[derive(Debug, Clone, Copy)]
pub struct Sought(u64);

/// A plain entry with the key that was sought. To a reader it counts only if the checks of index word and
/// version pass afterwards; who holds the lock knows that it stands.
#[derive(Debug, Clone, Copy)]
pub struct Plain {
    /// Its version.
    pub version: Version,
    /// Its header.
    pub header: Header,
    /// Of a number or bigint the bits, of a boolean 0 or 1, else 0.
    pub scalar: u64,
    /// Boot-clock nanoseconds; 0 for none.
    pub deadline: u64,
    shape: &'static Shape,
}

impl Sought {
    /// For entries that count as live while the epoch has this tag.
    #[inline]
    pub fn new(key: Key<'_>, epoch: u16) -> Self {
        let header = Header {
            kind: Kind::Latin1,
            wide: key.is_wide(),
            deadline: false,
            chained: false,
            epoch,
            key_len: key.bytes().len() as u32,
            value_len: 0,
        };
        Sought(header.encode() & DETERMINED)
    }

    /// Looks at what is in `block`. `None` says nothing but that it has to be read the general way.
    #[inline(always)]
    pub fn find_in(self, segment: &Segment, block: u64, key: Key<'_>) -> Option<Plain> {
        let region = &segment.region;
        let room = segment.geometry.rest_of_page(block)?;
        if room < MOST_FIXED {
            return None;
        }
        let version = Version(region.load(block));
        let word = region.load_relaxed(block + 8);
        if version.is_odd() || word & DETERMINED != self.0 || segment.checksums {
            return None;
        }
        let header = Header::decode(word).filter(|header| header.kind != Kind::List)?;
        let shape = Shape::of(&header, false);
        let cell = |part: u64| region.load_relaxed(block + part + version.cell() * 8);
        let scalar = match shape.scalar {
            0 if header.kind == Kind::Boolean => u64::from(header.value_len & 1),
            0 => 0,
            part => cell(part),
        };
        let deadline = if shape.deadline == 0 { 0 } else { cell(shape.deadline) };
        let plain = Plain { version, header, scalar, deadline, shape };
        let fits = shape.payload + u64::from(header.key_len) + plain.value_len() <= room;
        (fits && region.has_bytes(block + shape.payload, key.bytes())).then_some(plain)
    }
}

impl Plain {
    /// Bytes of the value.
    #[inline]
    pub fn value_len(&self) -> u64 {
        if self.header.kind.is_scalar() { 0 } else { u64::from(self.header.value_len) }
    }

    /// The value where it stands.
    #[inline(always)]
    pub fn seen<'a>(&self, segment: &'a Segment, block: u64) -> Seen<'a> {
        let at = block + self.shape.payload + u64::from(self.header.key_len);
        let bytes = SeenBytes::Shared(&segment.region, at, self.value_len() as usize);
        Seen { kind: self.header.kind, scalar: self.scalar, bytes }
    }

    /// Writes the cells of the side that `version` selects: every one that there is, as `Cells::write`.
    #[inline]
    pub fn write_cells(&self, segment: &Segment, block: u64, version: Version, scalar: u64, deadline: u64) {
        let at = |part: u64| block + part + version.cell() * 8;
        if self.shape.scalar != 0 {
            segment.region.store(at(self.shape.scalar), scalar);
        }
        if self.shape.deadline != 0 {
            segment.region.store(at(self.shape.deadline), deadline);
        }
    }

    /// The same as the general way would have it.
    #[inline(always)]
    pub fn snapshot(&self) -> Snapshot {
        let scalar = if self.shape.scalar != 0 { self.scalar } else { 0 };
        Snapshot {
            version: self.version,
            header: self.header,
            shape: self.shape,
            cells: Cells { scalar, list: [0; 3], deadline: self.deadline },
            link: Link::END,
            value_len: self.value_len(),
            seen_at: 0,
        }
    }
}

/// A plain entry to write.
#[derive(Debug, Clone, Copy)]
pub struct PlainDraft<'a> {
    header: Header,
    key: &'a [u8],
    value: Value<'a>,
    deadline: u64,
}

impl<'a> PlainDraft<'a> {
    /// A draft of any value but a list, of the epoch with this tag; `deadline` 0 for none.
    #[inline]
    pub fn new(key: Key<'a>, value: Value<'a>, deadline: u64, epoch: u16) -> Self {
        let value_len =
            if value.kind == Kind::Boolean { value.scalar as u32 } else { value.bytes.len() as u32 };
        let header = Header {
            kind: value.kind,
            wide: key.is_wide(),
            deadline: deadline != 0,
            chained: false,
            epoch,
            key_len: key.bytes().len() as u32,
            value_len,
        };
        PlainDraft { header, key: key.bytes(), value, deadline }
    }

    #[inline]
    fn shape(&self) -> &'static Shape {
        Shape::of(&self.header, false)
    }

    /// The class of the block it takes; `None` if a single block is not sure to do.
    #[inline(always)]
    pub fn class(&self, geometry: &Geometry) -> Option<u8> {
        let need = self.shape().payload + (self.key.len() + self.value.bytes.len()) as u64;
        if need <= geometry.page_bytes() / 2 { geometry.classes.holding(need) } else { None }
    }

    /// Writes it into a block of that class which nobody can see, as [`super::write::compose`] does.
    #[inline(always)]
    pub fn compose(&self, segment: &Segment, block: u64, sequence: u64) {
        let (region, shape) = (&segment.region, self.shape());
        let version = Version::fresh(sequence);
        region.store(block, version.odd().0);
        region.write_fence();
        region.store(block + 8, self.header.encode());
        if shape.scalar != 0 {
            region.store(block + shape.scalar, self.value.scalar);
        }
        if shape.deadline != 0 {
            region.store(block + shape.deadline, self.deadline);
        }
        region.copy_in_both(block + shape.payload, self.key, self.value.bytes);
        region.store(block, version.0);
    }
}
