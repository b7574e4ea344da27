//! Reading the most common entries at once: in a single block, not cleared, without checks.
//!
//! One comparison of the header tells that an entry is such a one and may have the key. What is not,
//! or was torn, goes the general way of [`super::read`], which knows every case.

use super::read::Snapshot;
use super::view::{ValueView, ViewBytes};
use super::{Cells, Shape};
use crate::layout::geometry::Geometry;
use crate::layout::header::{self, Header, LENGTH_SHIFT};
use crate::layout::plain::PlainLayout;
use crate::layout::version::Version;
use crate::layout::word::Link;
use crate::segment::Segment;
use crate::value::{Key, Value, ValueKind};
use shmkit_object::region::{Region, Words};

/// Bits of the header that a key and an epoch determine, and the flag that must not be set.
const DETERMINED: u64 = 0x00FF_FFFF_FFD0;

/// Words before a plain entry's payload, at most: version, header, and twin cells of two kinds.
const MOST_FIXED: usize = 6;

/// What the header of a plain entry of a key looks like.
#[derive(Debug, Clone, Copy)]
pub struct KeyPattern(u64);

/// A plain entry with the key that was sought. To a reader it counts only if the checks of index word and
/// version pass afterwards; who holds the lock knows that it stands.
#[derive(Debug, Clone, Copy)]
pub struct Plain<'a> {
    /// Its version.
    pub version: Version,
    /// Boot-clock nanoseconds; 0 for none.
    pub deadline: u64,
    region: &'a Region,
    block: u64,
    fixed: Words<'a, MOST_FIXED>,
    header: u64,
    layout: &'a PlainLayout,
}

/// The cell that `version` selects of a pair.
#[inline(always)]
fn current(fixed: Words<'_, MOST_FIXED>, part: u8, version: Version) -> u64 {
    fixed.word(usize::from(part) + version.cell() as usize).load_relaxed()
}

impl KeyPattern {
    /// For entries that count as live while the epoch has this tag.
    #[inline(always)]
    pub fn new(key: Key<'_>, epoch: u16) -> Self {
        let header = Header {
            kind: ValueKind::Latin1,
            wide: key.is_wide(),
            deadline: false,
            chained: false,
            epoch,
            key_len: key.bytes().len() as u32,
            value_len: 0,
        };
        KeyPattern(header.encode() & DETERMINED)
    }

    /// Looks at what is in `block`. `None` says nothing but that it has to be read the general way.
    #[inline(always)]
    pub fn find_in<'a>(self, segment: &'a Segment, block: u64, key: Key<'_>) -> Option<Plain<'a>> {
        let region = &segment.region;
        if !region.reaches(block, 8 * MOST_FIXED as u64) {
            return None;
        }
        let fixed = region.words::<MOST_FIXED>(block);
        let version = Version(fixed.word(0).load());
        let header = fixed.word(1).load_relaxed();
        if version.is_odd() || header & DETERMINED != self.0 {
            return None;
        }
        let layout = segment.plain_layouts.of(header)?;
        let deadline = match layout.deadline {
            0 => 0,
            part => current(fixed, part, version),
        };
        let plain = Plain { version, deadline, region, block, fixed, header, layout };
        region.has_bytes(block + plain.payload_at(), key.bytes()).then_some(plain)
    }
}

impl<'a> Plain<'a> {
    /// True if the version is the same still. What was read of the entry before is this version's then, if a read fence
    /// lies between; the load's Acquire pairs with the Release of `store_version` and `compose`.
    #[inline(always)]
    pub fn is_unchanged(&self) -> bool {
        self.fixed.word(0).load() == self.version.0
    }

    /// What the value is.
    #[inline]
    pub fn kind(&self) -> ValueKind {
        self.layout.kind
    }

    /// True if there are deadline cells.
    #[inline]
    pub fn has_deadline(&self) -> bool {
        self.layout.deadline != 0
    }

    /// Of a number or bigint the bits, of a boolean 0 or 1, else 0.
    #[inline(always)]
    pub fn scalar(&self) -> u64 {
        match self.layout.scalar {
            0 if self.layout.kind == ValueKind::Boolean => self.header >> LENGTH_SHIFT & 1,
            0 => 0,
            part => current(self.fixed, part, self.version),
        }
    }

    /// Bytes of the value.
    #[inline(always)]
    pub fn value_len(&self) -> u64 {
        self.header >> LENGTH_SHIFT & u64::from(self.layout.length_mask)
    }

    #[inline(always)]
    fn payload_at(&self) -> u64 {
        u64::from(self.layout.payload) * 8
    }

    #[inline(always)]
    fn value_at(&self) -> u64 {
        self.payload_at() + header::key_len(self.header)
    }

    /// The value where it stands; `None` if that would be outside of the region, as only a torn entry has it.
    #[inline(always)]
    pub fn view(&self) -> Option<ValueView<'a>> {
        let (at, len) = (self.block + self.value_at(), self.value_len());
        let bytes = ViewBytes::Shared(self.region, at, len as usize);
        self.region.reaches(at, len).then(|| ValueView {
            kind: self.layout.kind,
            scalar: self.scalar(),
            bytes,
        })
    }

    /// Writes the cells of the side that `version` selects: every one that there is, as `Cells::write`.
    #[inline(always)]
    pub fn write_cells(&self, version: Version, scalar: u64, deadline: u64) {
        let at = |part: u8| self.block + u64::from(part) * 8 + version.cell() * 8;
        if self.layout.scalar != 0 {
            self.region.store(at(self.layout.scalar), scalar);
        }
        if self.layout.deadline != 0 {
            self.region.store(at(self.layout.deadline), deadline);
        }
    }

    /// Stores the version: commits the cells that it selects, and ends what was read of the one before.
    #[inline(always)]
    pub fn store_version(&self, version: Version) {
        self.region.store(self.block, version.0);
    }

    /// The same as the general way would have it.
    #[inline(always)]
    pub fn snapshot(&self) -> Option<Snapshot> {
        let header = Header::decode(self.header)?;
        let scalar = if self.layout.scalar != 0 { self.scalar() } else { 0 };
        Some(Snapshot {
            version: self.version,
            header,
            shape: Shape::of(&header, false),
            cells: Cells { scalar, list: [0; 3], deadline: self.deadline },
            link: Link::END,
            value_len: self.value_len(),
            observed_at: 0,
        })
    }
}

/// A plain entry to write.
#[derive(Debug, Clone, Copy)]
pub struct PlainEntryDraft<'a> {
    header: Header,
    key: &'a [u8],
    value: Value<'a>,
    deadline: u64,
}

impl<'a> PlainEntryDraft<'a> {
    /// A draft of any value but a list, of the epoch with this tag; `deadline` 0 for none.
    #[inline]
    pub fn new(key: Key<'a>, value: Value<'a>, deadline: u64, epoch: u16) -> Self {
        let value_len =
            if value.kind == ValueKind::Boolean { value.scalar as u32 } else { value.bytes.len() as u32 };
        let header = Header {
            kind: value.kind,
            wide: key.is_wide(),
            deadline: deadline != 0,
            chained: false,
            epoch,
            key_len: key.bytes().len() as u32,
            value_len,
        };
        PlainEntryDraft { header, key: key.bytes(), value, deadline }
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
