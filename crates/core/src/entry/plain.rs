//! Reading the most common entries at once: in a single block, not cleared, without checks.
//!
//! One comparison of the header tells that an entry is such a one and may have the key. What is not,
//! or was torn, goes the general way of [`super::read`], which knows every case.

use super::read::Snapshot;
use super::seen::{Seen, SeenBytes};
use super::{Cells, Shape};
use crate::layout::header::{HEADER_BYTES, Header};
use crate::layout::version::Version;
use crate::layout::word::Link;
use crate::segment::Segment;
use crate::value::{Key, Kind};

/// Bits of the header that a key and an epoch determine, and the flag that must not be set.
const DETERMINED: u64 = 0x00FF_FFFF_FFD0;

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
    payload: u64,
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
        if room < HEADER_BYTES + 2 * CELLS {
            return None;
        }
        let version = Version(region.load(block));
        let word = region.load_relaxed(block + 8);
        if version.is_odd() || word & DETERMINED != self.0 || segment.checksums {
            return None;
        }
        let header = Header::decode(word).filter(|header| header.kind != Kind::List)?;
        let cell = |at: u64| region.load_relaxed(block + at + version.cell() * 8);
        let mut payload = HEADER_BYTES;
        let mut scalar = if header.kind == Kind::Boolean { u64::from(header.value_len & 1) } else { 0 };
        if matches!(header.kind, Kind::Number | Kind::BigInt) {
            scalar = cell(payload);
            payload += CELLS;
        }
        let mut deadline = 0;
        if header.deadline {
            deadline = cell(payload);
            payload += CELLS;
        }
        let plain = Plain { version, header, scalar, deadline, payload };
        let fits = payload + u64::from(header.key_len) + plain.value_len() <= room;
        (fits && region.has_bytes(block + payload, key.bytes())).then_some(plain)
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
        let at = block + self.payload + u64::from(self.header.key_len);
        let bytes = SeenBytes::Shared(&segment.region, at, self.value_len() as usize);
        Seen { kind: self.header.kind, scalar: self.scalar, bytes }
    }

    /// Writes the cells of the side that `version` selects: every one that there is, as `Cells::write`.
    #[inline]
    pub fn write_cells(&self, segment: &Segment, block: u64, version: Version, scalar: u64, deadline: u64) {
        let mut at = block + HEADER_BYTES + version.cell() * 8;
        if matches!(self.header.kind, Kind::Number | Kind::BigInt) {
            segment.region.store(at, scalar);
            at += CELLS;
        }
        if self.header.deadline {
            segment.region.store(at, deadline);
        }
    }

    /// The same as the general way would have it.
    #[inline(always)]
    pub fn snapshot(&self) -> Snapshot {
        let has_cell = matches!(self.header.kind, Kind::Number | Kind::BigInt);
        let scalar = if has_cell { self.scalar } else { 0 };
        Snapshot {
            version: self.version,
            header: self.header,
            shape: Shape::of(&self.header, false),
            cells: Cells { scalar, list: [0; 3], deadline: self.deadline },
            link: Link::END,
            value_len: self.value_len(),
            seen_at: 0,
        }
    }
}

/// Bytes of twin cells.
const CELLS: u64 = 16;
