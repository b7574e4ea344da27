//! Reading the most common entries at once: live, in a single block, without deadline or checks.
//!
//! One comparison of the header tells that an entry is such a one and may have the key. What is not,
//! or was torn, goes the general way of [`super::read`], which knows every case.

use crate::layout::header::{HEADER_BYTES, Header};
use crate::layout::version::Version;
use crate::segment::Segment;
use crate::value::{Key, Kind};

/// Bits of the header that a key and an epoch determine, and the two flags that must not be set.
const DETERMINED: u64 = 0x00FF_FFFF_FFF0;

/// What the header of a plain, live entry of a key looks like.
#[derive(Debug, Clone, Copy)]
pub struct Sought(u64);

/// A plain entry, copied out; counts only if the checks of index word and version pass afterwards.
#[derive(Debug, Clone, Copy)]
pub struct Plain {
    /// Its version.
    pub version: Version,
    /// What the value is: no list.
    pub kind: Kind,
    /// Of a number or bigint the bits, of a boolean 0 or 1.
    pub scalar: u64,
    /// Where the value starts in what was copied: the word in which it starts may begin with the key's end.
    pub value_at: usize,
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

    /// Copies what is in `block`; the value, if it is wanted, is appended to `out`. `None` says nothing
    /// but that it has to be read the general way.
    #[inline(always)]
    pub fn read(
        self,
        segment: &Segment,
        block: u64,
        key: Key<'_>,
        wants_value: bool,
        out: &mut Vec<u8>,
    ) -> Option<Plain> {
        let region = &segment.region;
        let room = segment.geometry.rest_of_page(block)?;
        if room < HEADER_BYTES + SCALARS {
            return None;
        }
        let version = Version(region.load(block));
        let header = region.load_relaxed(block + 8);
        if version.is_odd() || header & DETERMINED != self.0 || segment.checksums {
            return None;
        }
        let kind = Kind::from_code((header & 15) as u8).filter(|kind| *kind != Kind::List)?;
        let value_len = header >> 40;
        let (payload, scalar, bytes) = match kind {
            Kind::Number | Kind::BigInt => {
                let scalar = region.load_relaxed(block + HEADER_BYTES + version.cell() * 8);
                (HEADER_BYTES + SCALARS, scalar, 0)
            }
            Kind::Boolean | Kind::Null => (HEADER_BYTES, value_len & 1, 0),
            _ => (HEADER_BYTES, 0, value_len),
        };
        let key_len = key.bytes().len() as u64;
        if payload + key_len + bytes > room || !region.has_bytes(block + payload, key.bytes()) {
            return None;
        }
        let (whole, odd) = (key_len & !7, key_len & 7);
        if wants_value && bytes > 0 {
            region.copy_out(block + payload + whole, (odd + bytes) as usize, out);
        }
        Some(Plain { version, kind, scalar, value_at: odd as usize })
    }
}

/// Bytes of the twin scalars.
const SCALARS: u64 = 16;
