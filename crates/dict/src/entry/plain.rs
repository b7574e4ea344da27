//! Plain entries, the most common ones: in a single block, not cleared, without checksums, not a list.
//!
//! One comparison of the header shows that an entry is plain and may have the key. All other entries, and torn ones,
//! are left to [`super::read`], which handles every case.

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

/// Bits of the header that are determined by a key and an epoch, and the flag that must not be set.
const DETERMINED: u64 = 0x00FF_FFFF_FFD0;

/// Maximum number of words before a plain entry's payload: version, header, and two pairs of cells.
const MOST_FIXED: usize = 6;

/// The header bits of a plain entry with a given key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeyPattern(u64);

/// A plain entry with the key that was searched for. A reader must check index word and version afterwards; the holder
/// of the lock can rely on it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plain<'a> {
    /// Its version.
    pub version: Version,
    /// Deadline in boot-clock nanoseconds; 0 for none.
    pub deadline: u64,
    region: &'a Region,
    block: u64,
    fixed: Words<'a, MOST_FIXED>,
    header: u64,
    layout: &'a PlainLayout,
}

/// Returns the cell of a pair that `version` selects.
#[inline(always)]
fn current(fixed: Words<'_, MOST_FIXED>, part: u8, version: Version) -> u64 {
    fixed.word(usize::from(part) + version.cell() as usize).load_relaxed()
}

impl KeyPattern {
    /// Returns the pattern of `key` in the epoch with this tag.
    #[inline(always)]
    pub(crate) fn new(key: Key<'_>, epoch: u16) -> Self {
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

    /// Returns the plain entry in `block`, if it matches. `None` means that the slow path must decide.
    #[inline(always)]
    pub(crate) fn find_in<'a>(self, segment: &'a Segment, block: u64, key: Key<'_>) -> Option<Plain<'a>> {
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
    /// Returns whether the version is still the same. Everything read from the entry before a read fence then belongs
    /// to this version; the load's Acquire pairs with the Release of `store_version` and `compose`.
    #[inline(always)]
    pub(crate) fn is_unchanged(&self) -> bool {
        self.fixed.word(0).load() == self.version.0
    }

    /// Returns the type of the value.
    #[inline]
    pub(crate) fn kind(&self) -> ValueKind {
        self.layout.kind
    }

    /// Returns the tag of its epoch.
    #[inline]
    pub(crate) fn epoch(&self) -> u16 {
        header::epoch(self.header)
    }

    /// Returns the offset of its block.
    #[inline]
    pub(crate) fn block(&self) -> u64 {
        self.block
    }

    /// Returns whether there are deadline cells.
    #[inline]
    pub(crate) fn has_deadline(&self) -> bool {
        self.layout.deadline != 0
    }

    /// Returns the bits of a number or bigint, 0 or 1 for a boolean, else 0.
    #[inline(always)]
    pub(crate) fn scalar(&self) -> u64 {
        match self.layout.scalar {
            0 if self.layout.kind == ValueKind::Boolean => self.header >> LENGTH_SHIFT & 1,
            0 => 0,
            part => current(self.fixed, part, self.version),
        }
    }

    /// Returns the bytes of the value.
    #[inline(always)]
    pub(crate) fn value_len(&self) -> u64 {
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

    /// Returns a view of the value; `None` if it would be outside of the region, which only happens in a torn entry.
    #[inline(always)]
    pub(crate) fn view(&self) -> Option<ValueView<'a>> {
        let (at, len) = (self.block + self.value_at(), self.value_len());
        let bytes = ViewBytes::Shared(self.region, at, len as usize);
        self.region.reaches(at, len).then(|| ValueView {
            kind: self.layout.kind,
            scalar: self.scalar(),
            bytes,
        })
    }

    /// Writes every cell that `version` selects, like `Cells::write`.
    #[inline(always)]
    pub(crate) fn write_cells(&self, version: Version, scalar: u64, deadline: u64) {
        let at = |part: u8| self.block + u64::from(part) * 8 + version.cell() * 8;
        if self.layout.scalar != 0 {
            self.region.store(at(self.layout.scalar), scalar);
        }
        if self.layout.deadline != 0 {
            self.region.store(at(self.layout.deadline), deadline);
        }
    }

    /// Stores the version, which commits the cells that it selects and invalidates reads of the previous version.
    #[inline(always)]
    pub(crate) fn store_version(&self, version: Version) {
        self.region.store(self.block, version.0);
    }

    /// Returns the entry as a snapshot.
    #[inline(always)]
    pub(crate) fn snapshot(&self) -> Option<Snapshot> {
        let header = Header::decode(self.header)?;
        let scalar = if self.layout.scalar != 0 { self.scalar() } else { 0 };
        Some(Snapshot {
            version: self.version,
            header,
            shape: Shape::of(&header, false),
            cells: Cells { scalar, deadline: self.deadline, ..Cells::default() },
            link: Link::END,
            value_len: self.value_len(),
            observed_at: 0,
        })
    }
}

/// A plain entry to be written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PlainEntryDraft<'a> {
    header: Header,
    key: &'a [u8],
    value: Value<'a>,
    deadline: u64,
}

impl<'a> PlainEntryDraft<'a> {
    /// Returns a draft of any value except a list, in the epoch with this tag; `deadline` is 0 for none.
    #[inline]
    pub(crate) fn new(key: Key<'a>, value: Value<'a>, deadline: u64, epoch: u16) -> Self {
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

    /// Returns the class of its block; `None` if it may need more than one block.
    #[inline(always)]
    pub(crate) fn class(&self, geometry: &Geometry) -> Option<u8> {
        let need = self.shape().payload + (self.key.len() + self.value.bytes.len()) as u64;
        if need <= geometry.page_bytes() / 2 { geometry.classes.holding(need) } else { None }
    }

    /// Writes the entry into an unreachable block of that class, like [`super::write::compose`].
    #[inline(always)]
    pub(crate) fn compose(&self, segment: &Segment, block: u64, sequence: u64) {
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
