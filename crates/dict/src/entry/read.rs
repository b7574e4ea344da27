//! Copying an entry out of shared memory. Nothing here waits, and nothing is trusted: every length is checked against
//! private geometry, and a copy counts only if the caller's checks of index word and version pass afterwards, or the
//! caller holds the shard lock.

use super::{Cells, Shape};
use crate::layout::header::{HEADER_BYTES, Header};
use crate::layout::version::Version;
use crate::layout::word::Link;
use crate::segment::Segment;
use crate::value::{Entry, Key, MAX_VALUE_BYTES, Value, ValueKind};

/// The block is being written, or does not contain a sound entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Torn;

/// How much of an entry to copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// Header, cells and key.
    Key,
    /// The value as well.
    Value,
}

/// A copy of an entry's fixed parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Snapshot {
    /// Its version.
    pub version: Version,
    /// Its header.
    pub header: Header,
    /// The offsets of its parts.
    pub shape: &'static Shape,
    /// Its current cells.
    pub cells: Cells,
    /// The first link of its chain, if it is chained.
    pub link: Link,
    /// Bytes of its value.
    pub value_len: u64,
    /// Clock value at a moment when the entry was current; 0 if the clock was not read.
    pub observed_at: u64,
}

impl Snapshot {
    /// Copies the fixed parts of the entry in `block`.
    #[inline]
    pub fn read(segment: &Segment, block: u64) -> Result<Snapshot, Torn> {
        let snapshot = Self::read_freed(segment, block)?;
        if snapshot.version.is_odd() { Err(Torn) } else { Ok(snapshot) }
    }

    /// Like `read`, but also accepts an entry that is being freed, for recovery, which completes that.
    #[inline]
    pub fn read_freed(segment: &Segment, block: u64) -> Result<Snapshot, Torn> {
        let region = &segment.region;
        let room = segment.rest_of_page(block).ok_or(Torn)?;
        if room < HEADER_BYTES {
            return Err(Torn);
        }
        let version = Version(region.load(block));
        let header = Header::decode(region.load_relaxed(block + 8)).ok_or(Torn)?;
        let shape = Shape::of(&header, segment.checksums);
        if shape.payload > room {
            return Err(Torn);
        }
        let cells = Cells::read(region, block, shape, version);
        let (link, value_len) = if header.chained {
            let link = Link(region.load_relaxed(block + shape.chain));
            (link, region.load_relaxed(block + shape.chain + 8))
        } else {
            (Link::END, if header.kind.is_scalar() { 0 } else { u64::from(header.value_len) })
        };
        let snapshot = Snapshot { version, header, shape, cells, link, value_len, observed_at: 0 };
        let fits = header.chained || snapshot.payload_len() <= room - shape.payload;
        if header.key_len == 0 || value_len > MAX_VALUE_BYTES || !fits {
            return Err(Torn);
        }
        Ok(snapshot)
    }

    /// Returns the epoch and the deadline (0: none) of the entry in `block`, unvalidated, for a fraction of what `read`
    /// costs. `None` if it is being written, or is not sound.
    #[inline]
    pub fn lifetime(segment: &Segment, block: u64) -> Option<(u16, u64)> {
        let region = &segment.region;
        let room = segment.rest_of_page(block).filter(|&room| room >= HEADER_BYTES)?;
        let version = Version(region.load(block));
        let header = Header::decode(region.load_relaxed(block + 8)).filter(|_| !version.is_odd())?;
        if !header.deadline {
            return Some((header.epoch, 0));
        }
        let shape = Shape::of(&header, segment.checksums);
        let at = block + shape.deadline + version.cell() * 8;
        (shape.payload <= room).then(|| (header.epoch, region.load_relaxed(at)))
    }

    /// Returns the bytes of key and value.
    #[inline]
    pub fn payload_len(&self) -> u64 {
        u64::from(self.header.key_len) + self.value_len
    }

    /// Returns the bytes that an entry in a single block takes.
    pub fn payload_end(&self) -> u64 {
        self.shape.payload + self.payload_len()
    }

    /// Returns the number of bytes that `copy_payload` copies.
    #[inline]
    pub(crate) fn copied_len(&self, want: Want) -> u64 {
        let is_whole = want == Want::Value || self.shape.check != 0;
        if is_whole { self.payload_len() } else { u64::from(self.header.key_len) }
    }

    /// Appends key, or key and value, to `out`; with checksums always both, to verify them.
    #[inline]
    pub fn copy_payload(
        &self,
        segment: &Segment,
        block: u64,
        want: Want,
        out: &mut Vec<u8>,
    ) -> Result<(), Torn> {
        self.copy_while(segment, block, want, out, || segment.region.load(block) == self.version.0)
    }

    /// Like `copy_payload`, but stops where `is_current` says that the entry has changed, whatever its version.
    #[inline(always)]
    pub(crate) fn copy_while(
        &self,
        segment: &Segment,
        block: u64,
        want: Want,
        out: &mut Vec<u8>,
        is_current: impl Fn() -> bool,
    ) -> Result<(), Torn> {
        let len = self.copied_len(want);
        if self.header.chained {
            self.copy_chain(segment, block, len, out, is_current)?;
        } else {
            segment.region.copy_out(block + self.shape.payload, len as usize, out);
        }
        if self.shape.check != 0 {
            self.check(segment, block, &out[out.len() - len as usize..])
        } else {
            Ok(())
        }
    }

    #[cold]
    fn copy_chain(
        &self,
        segment: &Segment,
        block: u64,
        len: u64,
        out: &mut Vec<u8>,
        is_current: impl Fn() -> bool,
    ) -> Result<(), Torn> {
        if len > segment.capacity() {
            return Err(Torn);
        }
        let mut left = len;
        for (piece, number) in super::blocks::pieces(segment, block, self).zip(1..) {
            let piece = piece?;
            if super::blocks::is_check_due(number) && !is_current() {
                return Err(Torn);
            }
            let bytes = left.min(piece.capacity);
            segment.region.copy_out(piece.payload, bytes as usize, out);
            left -= bytes;
            if left == 0 {
                return Ok(());
            }
        }
        Err(Torn)
    }

    #[cold]
    fn check(&self, segment: &Segment, block: u64, payload: &[u8]) -> Result<(), Torn> {
        let stored = segment.region.load_relaxed(block + self.shape.check) as u32;
        let cells = segment.region.load_relaxed(block + self.shape.check + 8) >> (32 * self.version.cell());
        let computed = payload_check(&self.header, self.value_len, payload);
        let sound = stored == computed && cells as u32 == self.cells.check(self.version, computed);
        if sound { Ok(()) } else { Err(Torn) }
    }

    /// Returns whether `payload` starts with `key`.
    #[inline]
    pub fn is_key(&self, key: Key<'_>, payload: &[u8]) -> bool {
        self.header.wide == key.is_wide()
            && self.header.key_len as usize == key.bytes().len()
            && payload.get(..key.bytes().len()) == Some(key.bytes())
    }

    /// Returns whether it is in a single block, without checksums.
    #[inline]
    pub fn is_plain(&self) -> bool {
        !self.header.chained && self.shape.check == 0
    }

    /// Returns whether a plain entry's block contains `key`, which is as long as its own. Compares in place: the caller
    /// must hold the shard lock.
    #[inline]
    pub fn has_key_in(&self, segment: &Segment, block: u64, key: Key<'_>) -> bool {
        segment.region.has_bytes(block + self.shape.payload, key.bytes())
    }

    /// Returns whether the deadline is past at `now`.
    #[inline]
    pub fn is_expired(&self, now: u64) -> bool {
        self.cells.deadline != 0 && self.cells.deadline <= now
    }

    /// Returns the scalar that users see: of a boolean the value length, of a list its length.
    #[inline]
    pub fn scalar(&self) -> u64 {
        match self.header.kind {
            ValueKind::Boolean => u64::from(self.header.value_len & 1),
            ValueKind::List => self.cells.list[2],
            _ => self.cells.scalar,
        }
    }

    /// Returns the entry, with the value's bytes from `payload` (key, then value).
    #[inline]
    pub fn entry<'b>(&self, payload: &'b [u8]) -> Entry<'b> {
        let bytes = payload.get(self.header.key_len as usize..).unwrap_or_default();
        Entry {
            value: Value { kind: self.header.kind, scalar: self.scalar(), bytes },
            version: self.version.0,
            deadline: self.cells.deadline,
        }
    }
}

/// Returns the CRC-32 of the parts of an entry that never change: header, length of the value, key and value.
pub(crate) fn payload_check(header: &Header, value_len: u64, payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&header.encode().to_le_bytes());
    hasher.update(&value_len.to_le_bytes());
    hasher.update(payload);
    hasher.finalize()
}
