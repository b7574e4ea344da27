//! The layout of the change feed: the participants that watch, and a ring of records for each shard.
//!
//! ```text
//! feed    generation of the watching participant, or 0 (4), for each slot | a shard's part, for each shard
//! part    reserved | head | rebuilds | 0 ..        64 bytes
//!         the ring
//! record  ordinal | version | kind (8), flags (8), epoch (16), bytes of the key (16), 0 (16) | key, padded to 8 bytes
//! ```

use super::geometry::{Geometry, MAX_SIZE, SIZE_UNIT};
use super::sizing::{ONE_MIB, growing_shard_count, shard_count};
use shmkit_object::error::{Error, Result};

/// The offset of the bytes that may have been overwritten so far, in a shard's part. Only rises.
pub(crate) const RESERVED: u64 = 0;
/// The offset of the bytes that have been told so far. Only rises.
pub(crate) const HEAD: u64 = 8;
/// The offset of the number of rebuilds of the shard: what was told before one is not all that changed.
pub(crate) const REBUILDS: u64 = 16;
/// The bytes of a part before its ring.
const PART_HEADER: u64 = 64;
/// The smallest part of a shard.
const SMALLEST_PART: u64 = 4096;
/// The bytes of a record without its key.
pub(crate) const RECORD_HEADER: u64 = 24;

/// The feed of a dictionary that grows takes its memory at once, so by default it has at most this many bytes.
const LARGEST_YOUNG: u64 = 128 << 10;

/// Returns the bytes of the feed of a segment of `size` bytes for which the creator asked for `asked` bytes: by default a
/// hundredth of the segment; 0 for none.
pub fn feed_bytes(size: u64, asked: Option<u64>) -> u64 {
    let size = size.clamp(1, MAX_SIZE).next_multiple_of(SIZE_UNIT);
    feed_of(size, shard_count(size), asked.unwrap_or(size / 100))
}

/// Like `feed_bytes`, for a dictionary that may take `max_size` bytes.
pub(crate) fn growing_feed_bytes(max_size: u64, asked: Option<u64>) -> u64 {
    let max_size = max_size.clamp(1, MAX_SIZE).next_multiple_of(SIZE_UNIT);
    let bytes = asked.unwrap_or((max_size / 100).min(LARGEST_YOUNG));
    feed_of(max_size, growing_shard_count(max_size), bytes)
}

fn feed_of(size: u64, shards: u64, bytes: u64) -> u64 {
    match bytes {
        0 => 0,
        bytes => {
            table_bytes(size) + shards * (bytes / shards).clamp(SMALLEST_PART, size).next_multiple_of(64)
        }
    }
}

/// Checks that a segment of this size can have a feed of `feed` bytes.
///
/// # Errors
/// [`Error::OutOfRange`].
pub(in crate::layout) fn check_feed(size: u64, shards: u64, feed: u64) -> Result<()> {
    let is_sound = feed.is_multiple_of(64) && feed >= feed_of(size, shards, 1) && feed <= size / 2;
    if feed == 0 || is_sound {
        return Ok(());
    }
    Err(Error::OutOfRange(format!(
        "the change feed of {feed} bytes would take over half of a segment of {size} bytes"
    )))
}

fn table_bytes(size: u64) -> u64 {
    4 * if size < ONE_MIB { 64 } else { 1024 }
}

/// The part of one shard.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FeedPart {
    /// Its offset.
    pub at: u64,
    /// The bytes of its ring.
    pub ring: u64,
}

impl FeedPart {
    // Damage may leave a head that is not aligned.
    #[inline]
    fn within(&self, position: u64) -> u64 {
        (position % self.ring) & !7
    }

    /// Returns the offset of what is at a position of the ring.
    #[inline]
    pub(crate) fn position(&self, position: u64) -> u64 {
        self.at + PART_HEADER + self.within(position)
    }

    /// Returns the bytes from a position to the end of the ring.
    #[inline]
    pub(crate) fn rest(&self, position: u64) -> u64 {
        self.ring - self.within(position)
    }

    /// Returns the largest record. Two of them, and the ordinal after them, fit into the ring.
    #[inline]
    pub(crate) fn largest_record(&self) -> u64 {
        (self.ring / 2 - 8) & !7
    }
}

impl Geometry {
    /// Returns the part of a shard; there must be a feed.
    #[inline]
    pub(crate) fn feed_part(&self, shard: u32) -> FeedPart {
        let table = 4 * u64::from(self.participants);
        let bytes = ((self.feed - table) / u64::from(self.shards)) & !63;
        FeedPart { at: self.feed_at + table + u64::from(shard) * bytes, ring: bytes - PART_HEADER }
    }

    /// Returns the offset of the half word that says whether the participant in this slot watches.
    pub(crate) fn watcher(&self, slot: u32) -> u64 {
        self.feed_at + 4 * u64::from(slot)
    }
}

/// Returns the bytes of a record whose key has `key` bytes.
#[inline]
pub(crate) fn record_bytes(key: u64) -> u64 {
    RECORD_HEADER + key.next_multiple_of(8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shmkit_object::superblock::feature;

    #[test]
    fn the_parts_of_a_feed_lie_between_bitmaps_and_pages() {
        for kib in [64u64, 1 << 10, 1088, 64 << 10, 4 << 20] {
            for asked in [None, Some(1), Some(kib << 7)] {
                let size = kib << 10;
                let mut features = [0; feature::COUNT];
                features[feature::FEED] = feed_bytes(size, asked);
                let geometry = Geometry::with(size, None, &features).unwrap();
                let last = geometry.feed_part(geometry.shards - 1);
                let bitmaps = geometry.bitmap(geometry.pages - 1, geometry.bitmap_words() - 1) + 8;
                assert!(geometry.watcher(0) >= bitmaps);
                assert!(geometry.watcher(geometry.participants) <= geometry.feed_part(0).at);
                assert!(last.position(last.ring - 1) < geometry.page(0), "{kib} {asked:?}");
                assert!(last.ring >= SMALLEST_PART - PART_HEADER && last.ring.is_multiple_of(64));
                assert!(geometry.pages < Geometry::derive(size, None).unwrap().pages);
            }
            assert_eq!(feed_bytes(kib << 10, Some(0)), 0);
        }
    }
}
