//! The geometry: all offsets and sizes, a pure function of the segment's size, its `max_entries` and its features.
//!
//! A process that attaches derives the geometry, compares it with the superblock, and from then on trusts only its
//! private copy.

mod elastic;

use super::class::Classes;
use super::feed::check_feed;
use super::shard;
use super::sizing::{ONE_MIB, TARGET_LOAD_PERCENT, buckets_for, page_shift, shard_count};
use shmkit_object::error::{Error, Result};
use shmkit_object::participants::PARTICIPANT_BYTES;
use shmkit_object::superblock::{self, feature};

/// Segment sizes are multiples of this, which is also the smallest size.
pub(crate) const SIZE_UNIT: u64 = 64 << 10;
/// Largest segment: block offsets have 36 bits of 8-byte units.
pub(crate) const MAX_SIZE: u64 = 1 << 39;
/// Index slots per bucket of one cache line; the eighth word is metadata.
pub(crate) const SLOTS: u64 = 7;
/// Bytes of a bucket.
pub(crate) const BUCKET_BYTES: u64 = 64;
/// Bytes of a stripe of statistics.
pub(crate) const STRIPE_BYTES: u64 = 64;

/// Bytes of the level of a shard's index.
const LEVEL_BYTES: u64 = 2;

/// The block size for which index and pages fill up together, if `max_entries` is not given.
const TYPICAL_BLOCK: u64 = 64;

/// Sizes and offsets of one segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Geometry {
    /// Bytes of the segment.
    pub size: u64,
    /// The `max_entries` it was created with; 0 if not given.
    pub max_entries: u64,
    /// Bytes of a page, as a power of two.
    pub page_shift: u32,
    /// Number of shards, a power of two.
    pub shards: u32,
    /// Buckets per shard at level 0, a prime, so that every probe step visits all of them.
    pub base_buckets: u32,
    /// How often a shard's index can be doubled; 0 in a dictionary of fixed size.
    pub max_level: u32,
    /// Number of pages, with or without memory.
    pub pages: u32,
    /// Bytes that a dictionary which grows may take; 0 for one of fixed size.
    pub max_size: u64,
    /// Number of participant slots, including number 0, which is never used.
    pub participants: u32,
    /// Number of stripes of statistics.
    pub stripes: u32,
    /// Leases per shard.
    pub leases: u32,
    /// Bytes of the change feed; 0 for none.
    pub feed: u64,
    /// Size classes of its pages.
    pub classes: Classes,
    levels_at: u64,
    stripes_at: u64,
    shards_at: u64,
    index_at: u64,
    /// Bytes from a shard's index to the next one's.
    index_stride: u64,
    page_table_at: u64,
    bitmaps_at: u64,
    bitmap_words: u32,
    pub(super) feed_at: u64,
    structures: (u64, u64),
    pages_at: u64,
}

impl Geometry {
    /// Derives the geometry of a segment of `size` bytes (rounded up to 64 KiB).
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if the index for `max_entries` would take over half of it.
    pub fn derive(size: u64, max_entries: Option<u64>) -> Result<Geometry> {
        Geometry::with(size, max_entries, &[0; feature::COUNT])
    }

    /// Like `derive`, for a segment with the sections that the words of `features` in its superblock give sizes of.
    ///
    /// # Errors
    /// Those of `derive`, also if a section leaves no room for entries.
    pub fn with(size: u64, max_entries: Option<u64>, features: &[u64; feature::COUNT]) -> Result<Geometry> {
        if size > MAX_SIZE {
            return Err(Error::OutOfRange(format!(
                "size is {size}, the largest segment is {MAX_SIZE} bytes"
            )));
        }
        let size = size.max(1).next_multiple_of(SIZE_UNIT);
        let page_shift = page_shift(size);
        let classes = Classes::new(1 << page_shift);
        let shards = shard_count(size);
        let small = size < ONE_MIB;
        let participants: u64 = if small { 64 } else { 1024 };
        let stripes: u64 = if small { 4 } else { 64 };
        let leases: u32 = if small { 16 } else { 32 };
        let levels_at = superblock::BYTES + participants * PARTICIPANT_BYTES;
        let stripes_at = levels_at + (shards * LEVEL_BYTES).next_multiple_of(64);
        let shards_at = stripes_at + stripes * STRIPE_BYTES;
        let index_at = shards_at + shards * shard::bytes(leases);
        let feed = features[feature::FEED];
        check_feed(size, shards, feed)?;
        let room = size - index_at - feed;
        let entries = max_entries
            .unwrap_or(room / (TYPICAL_BLOCK + BUCKET_BYTES * 100 / (SLOTS * TARGET_LOAD_PERCENT)));
        if entries > room / 16 {
            return Err(Error::OutOfRange(format!(
                "maxEntries is {entries}: the index alone would take over half of a segment of {size} bytes"
            )));
        }
        let buckets = buckets_for(entries, shards);
        let page_table_at = index_at + shards * buckets * BUCKET_BYTES;
        let bitmap = Self::bitmap_bytes_for(page_shift);
        let left = size.saturating_sub(page_table_at + feed);
        let mut pages = left / ((1 << page_shift) + 8 + bitmap);
        let structures = features[feature::RECORDS];
        let (mut feed_at, mut structures_at, mut pages_at) = (0, 0, 0);
        while pages > 0 {
            feed_at = (page_table_at + pages * (8 + bitmap)).next_multiple_of(64);
            structures_at = feed_at + feed;
            pages_at = (structures_at + structures).next_multiple_of(1 << page_shift);
            if pages_at + (pages << page_shift) <= size {
                break;
            }
            pages -= 1;
        }
        if pages < 4 || pages > u64::from(u32::MAX) {
            return Err(Error::OutOfRange(format!(
                "maxEntries is {entries}: its index leaves no room for entries in a segment of {size} bytes"
            )));
        }
        Ok(Geometry {
            size,
            max_entries: max_entries.unwrap_or(0),
            page_shift,
            shards: shards as u32,
            base_buckets: buckets as u32,
            max_level: 0,
            pages: pages as u32,
            max_size: 0,
            participants: participants as u32,
            stripes: stripes as u32,
            leases,
            feed,
            classes,
            levels_at,
            stripes_at,
            shards_at,
            index_at,
            index_stride: buckets * BUCKET_BYTES,
            page_table_at,
            bitmaps_at: page_table_at + pages * 8,
            bitmap_words: (bitmap / 8) as u32,
            feed_at,
            structures: (structures_at, structures),
            pages_at,
        })
    }

    fn bitmap_bytes_for(page_shift: u32) -> u64 {
        ((1u64 << page_shift) / u64::from(super::class::SMALLEST)).div_ceil(64) * 8
    }

    /// Returns the bytes per page.
    #[inline]
    pub fn page_bytes(&self) -> u64 {
        1 << self.page_shift
    }

    /// Returns the offsets of the words that hold the levels of the shards' indexes.
    pub fn level_words(&self) -> impl Iterator<Item = u64> {
        (self.levels_at..self.stripes_at).step_by(8)
    }

    /// Returns the offset of a stripe of statistics.
    #[inline]
    pub fn stripe(&self, stripe: u32) -> u64 {
        self.stripes_at + u64::from(stripe % self.stripes) * STRIPE_BYTES
    }

    /// Returns the offset of a shard's header.
    #[inline]
    pub fn shard(&self, shard: u32) -> u64 {
        self.shards_at + u64::from(shard) * shard::bytes(self.leases)
    }

    /// Returns the offset of a bucket.
    #[inline]
    pub fn bucket(&self, shard: u32, bucket: u32) -> u64 {
        self.index_at + u64::from(shard) * self.index_stride + u64::from(bucket) * BUCKET_BYTES
    }

    /// Returns the offset of a page's word in the page table.
    #[inline]
    pub fn page_word(&self, page: u32) -> u64 {
        self.page_table_at + u64::from(page) * 8
    }

    /// Returns the number of words in a page's bitmap.
    #[inline]
    pub fn bitmap_words(&self) -> u32 {
        self.bitmap_words
    }

    /// Returns the offset of word `word` of a page's bitmap.
    #[inline]
    pub fn bitmap(&self, page: u32, word: u32) -> u64 {
        self.bitmaps_at + (u64::from(page) * u64::from(self.bitmap_words) + u64::from(word)) * 8
    }

    /// Returns offset and bytes of the table of record structures, if there is one.
    pub fn structures(&self) -> Option<(u64, u64)> {
        (self.structures.1 > 0).then_some(self.structures)
    }

    /// Returns the offset of a page.
    #[inline]
    pub fn page(&self, page: u32) -> u64 {
        self.pages_at + (u64::from(page) << self.page_shift)
    }

    /// Returns the number of the page that contains the byte at `offset`, if pages went on without end; `None` before the
    /// first one.
    #[inline(always)]
    pub fn page_number(&self, offset: u64) -> Option<u64> {
        Some(offset.checked_sub(self.pages_at)? >> self.page_shift)
    }

    /// Returns the largest number of participants at a time.
    pub fn max_participants(&self) -> u32 {
        self.participants - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_geometry_of_every_size_ends_within_the_segment() {
        for kib in [64u64, 128, 256, 1024, 1088, 4096, 65536, 1 << 20, 1 << 22, 1 << 26] {
            let geometry = Geometry::derive(kib << 10, None).unwrap();
            let end = geometry.page(geometry.pages - 1) + geometry.page_bytes();
            assert!(end <= geometry.size, "{geometry:?}");
            assert!(geometry.shards.is_power_of_two());
            assert!(
                (u64::from(geometry.pages) << geometry.page_shift) * 100 >= geometry.size * 70 || kib < 1024,
                "{kib} KiB: {geometry:?}"
            );
            let half_filled =
                u64::from(geometry.shards) * geometry.classes.count() as u64 * geometry.page_bytes() / 2;
            assert!(geometry.shards == 1 || half_filled <= geometry.size / 25);
        }
    }

    #[test]
    fn a_larger_segment_never_has_fewer_shards_or_smaller_pages() {
        let sizes = (1..512).map(|mib| mib << 20).chain((29..40).map(|shift| 1 << shift));
        let geometries: Vec<_> = sizes.map(|size| Geometry::derive(size, None).unwrap()).collect();
        for pair in geometries.windows(2) {
            assert!(pair[0].shards <= pair[1].shards, "{pair:?}");
            assert!(pair[0].page_shift <= pair[1].page_shift, "{pair:?}");
        }
    }

    #[test]
    fn more_than_half_of_the_smallest_segment_is_for_entries() {
        let geometry = Geometry::derive(1, None).unwrap();
        assert_eq!(geometry.size, 64 << 10);
        assert!((u64::from(geometry.pages) << geometry.page_shift) > 40 << 10, "{geometry:?}");
        assert_eq!(geometry.max_participants(), 63);
    }

    #[test]
    fn an_index_that_leaves_no_space_for_entries_is_refused() {
        assert!(matches!(Geometry::derive(1 << 20, Some(1 << 20)), Err(Error::OutOfRange(_))));
    }

    #[test]
    fn a_million_entries_cost_at_most_16_bytes_of_index_each() {
        let geometry = Geometry::derive(96 << 20, Some(1_000_000)).unwrap();
        let index = u64::from(geometry.shards) * u64::from(geometry.base_buckets) * BUCKET_BYTES;
        assert!(index <= 17_000_000, "{index}");
    }
}
