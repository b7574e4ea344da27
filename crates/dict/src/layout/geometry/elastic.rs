//! The geometry of a dictionary that grows: addresses for the most that it may take, and the ranges that have memory.
//!
//! It is a pure function of the maxima. The sections are those of a dictionary of fixed size, but for a second copy of the
//! levels, and the index of each shard has addresses for its highest level. Past the parts that are in use the file has
//! no memory.

use super::{BUCKET_BYTES, Geometry, LEVEL_BYTES, MAX_SIZE, SIZE_UNIT, SLOTS, STRIPE_BYTES};
use crate::layout::class::Classes;
use crate::layout::feed::check_feed;
use crate::layout::index_shape::IndexShape;
use crate::layout::shard;
use crate::layout::sizing::{ONE_MIB, buckets_for, growing_shard_count, index_base, page_shift};
use shmkit_object::error::{Error, Result};
use shmkit_object::participants::PARTICIPANT_BYTES;
use shmkit_object::superblock::{self, feature};
use std::ops::Range;

/// Memory is taken in units of this, so each shard's index starts at a multiple of it.
const UNIT: u64 = 4096;
/// The block size for which index and pages reach their maxima together, if `max_entries` is not given.
const TYPICAL_BLOCK: u64 = 48;

impl Geometry {
    /// Derives the geometry of a dictionary that may take `max_size` bytes (rounded up to 64 KiB).
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if that is too much, or the index for `max_entries` would take over half of it.
    pub fn elastic(
        max_size: u64,
        max_entries: Option<u64>,
        features: &[u64; feature::COUNT],
    ) -> Result<Geometry> {
        let too_large =
            || Error::OutOfRange(format!("maxSize is {max_size}, the largest is {} bytes", MAX_SIZE / 2));
        if max_size > MAX_SIZE / 2 {
            return Err(too_large());
        }
        let max_size = max_size.max(1).next_multiple_of(SIZE_UNIT);
        // Small pages and few shards, because a young dictionary has a page for each shard and class in use.
        let page_shift = page_shift(max_size / 8);
        let shards = growing_shard_count(max_size);
        let is_small = max_size < ONE_MIB;
        let participants: u64 = if is_small { 64 } else { 1024 };
        let stripes: u64 = if is_small { 4 } else { 64 };
        let leases: u32 = if is_small { 16 } else { 32 };
        let levels_at = superblock::BYTES + participants * PARTICIPANT_BYTES;
        let stripes_at = levels_at + 2 * (shards * LEVEL_BYTES).next_multiple_of(64);
        let shards_at = stripes_at + stripes * STRIPE_BYTES;
        let feed = features[feature::FEED];
        check_feed(max_size, shards, feed)?;
        let feed_at = shards_at + shards * shard::bytes(leases);
        let structures_at = feed_at + feed;
        let structures = features[feature::RECORDS];
        let index_at = (structures_at + structures).next_multiple_of(UNIT);
        let room = max_size.saturating_sub(index_at);
        let entries = max_entries.unwrap_or(room / (TYPICAL_BLOCK + BUCKET_BYTES / SLOTS * 5 / 3));
        if entries > room / 16 {
            return Err(Error::OutOfRange(format!(
                "maxEntries is {entries}: the index alone would take over half of a maxSize of {max_size} bytes"
            )));
        }
        let (base, max_level) = index_base(buckets_for(entries, shards), is_small);
        let index_stride = ((base << max_level) * BUCKET_BYTES).next_multiple_of(UNIT);
        let page_table_at = index_at + shards * index_stride;
        let bitmap = Self::bitmap_bytes_for(page_shift);
        let first_index = shards * (base * BUCKET_BYTES).next_multiple_of(UNIT);
        let pages = room.saturating_sub(first_index) / ((1 << page_shift) + 8 + bitmap);
        let pages_at = (page_table_at + pages * (8 + bitmap)).next_multiple_of(UNIT.max(1 << page_shift));
        let size = (pages_at + (pages << page_shift)).next_multiple_of(SIZE_UNIT);
        if pages < 4 || pages > u64::from(u32::MAX) {
            return Err(Error::OutOfRange(format!(
                "maxSize is {max_size}: the index for {entries} entries leaves no room for them"
            )));
        }
        if size > MAX_SIZE {
            return Err(too_large());
        }
        Ok(Geometry {
            size,
            max_entries: max_entries.unwrap_or(0),
            page_shift,
            shards: shards as u32,
            base_buckets: base as u32,
            max_level,
            pages: pages as u32,
            max_size,
            participants: participants as u32,
            stripes: stripes as u32,
            leases,
            classes: Classes::new(1 << page_shift),
            levels_at,
            stripes_at,
            shards_at,
            index_at,
            index_stride,
            page_table_at,
            bitmaps_at: page_table_at + pages * 8,
            bitmap_words: (bitmap / 8) as u32,
            feed,
            feed_at,
            structures: (structures_at, structures),
            pages_at,
        })
    }

    /// Returns whether the dictionary grows.
    #[inline(always)]
    pub fn is_elastic(&self) -> bool {
        self.max_size != 0
    }

    /// Like `bucket`, for callers that know whether the dictionary grows.
    #[inline(always)]
    pub fn bucket_sized<const GROWS: bool>(&self, shard: u32, bucket: u32) -> u64 {
        if GROWS {
            return self.bucket(shard, bucket);
        }
        // The same, from numbers that a lookup has already loaded: each index begins where the one before it ends.
        self.index_at + (u64::from(shard) * u64::from(self.base_buckets) + u64::from(bucket)) * BUCKET_BYTES
    }

    /// Returns the shape of a shard's index that was never doubled.
    #[inline(always)]
    pub fn base_shape(&self) -> IndexShape {
        IndexShape::new(self.base_buckets, 0)
    }

    /// Returns the offset of the word with a shard's level, and of the word with its second copy.
    #[inline(always)]
    pub fn level_word(&self, shard: u32) -> [u64; 2] {
        let at = self.levels_at + u64::from(shard) * LEVEL_BYTES / 8 * 8;
        [at, at + (u64::from(self.shards) * LEVEL_BYTES).next_multiple_of(64)]
    }

    /// Returns the bytes of the headers, the change feed, and the table of record structures, which always have memory.
    pub fn head(&self) -> u64 {
        self.index_at
    }

    /// Returns the bytes of the shards' indexes from level `from` to level `to`.
    pub fn index_range(&self, shard: u32, from: Option<u32>, to: u32) -> Range<u64> {
        let buckets = |level: u32| u64::from(self.base_buckets) << level.min(self.max_level);
        let start = self.bucket(shard, 0);
        start + from.map_or(0, buckets) * BUCKET_BYTES..start + buckets(to) * BUCKET_BYTES
    }

    /// Returns the bytes that an index takes at a level.
    pub fn index_bytes(&self, level: u32) -> u64 {
        let range = self.index_range(0, None, level);
        (range.end - range.start).next_multiple_of(UNIT)
    }

    /// Returns the three ranges that pages need: of the page table, the bitmaps, and the pages themselves.
    pub fn page_ranges(&self, pages: Range<u32>) -> [Range<u64>; 3] {
        let Range { start, end } = pages;
        [
            self.page_word(start)..self.page_word(end),
            self.bitmap(start, 0)..self.bitmap(end, 0),
            self.page(start)..self.page(end),
        ]
    }

    /// Returns the bytes that a page takes, with its word and its bitmap.
    pub fn bytes_per_page(&self) -> u64 {
        self.page_bytes() + 8 + u64::from(self.bitmap_words) * 8
    }

    /// Returns the bytes that all sections take with these levels of the shards and this many pages.
    pub fn taken(&self, levels: impl Iterator<Item = u32>, pages: u32) -> u64 {
        let index: u64 = levels.map(|level| self.index_bytes(level)).sum();
        self.head() + index + u64::from(pages) * self.bytes_per_page()
    }

    /// Returns how many pages a dictionary that begins with `size` bytes has at first.
    pub fn first_pages(&self, size: u64) -> u32 {
        let index = u64::from(self.shards) * self.index_bytes(0);
        let pages = size.saturating_sub(self.head() + index) / self.bytes_per_page();
        (pages as u32).clamp(4, self.pages)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_elastic_file_is_at_most_1_4_times_its_maximum() {
        for mib in [1, 2, 3, 16, 64, 100, 256, 1024, 1 << 14, 1 << 18] {
            let geometry = Geometry::elastic(mib << 20, None, &[0; feature::COUNT]).unwrap();
            assert!(geometry.size * 10 <= geometry.max_size * 14, "{geometry:?}");
            let [_, _, pages] = geometry.page_ranges(0..geometry.pages);
            assert!(pages.end <= geometry.size);
            let last = geometry.index_range(geometry.shards - 1, None, geometry.max_level);
            assert!(last.end <= geometry.page_word(0));
        }
    }

    #[test]
    fn a_young_dictionary_of_a_gibibyte_takes_little() {
        let geometry = Geometry::elastic(1 << 30, None, &[0; feature::COUNT]).unwrap();
        let taken = geometry.head() + u64::from(geometry.shards) * geometry.index_bytes(0);
        assert!(taken < 256 << 10, "{taken}: {geometry:?}");
        assert_eq!((geometry.shards, geometry.page_shift), (16, 12));
    }
}
