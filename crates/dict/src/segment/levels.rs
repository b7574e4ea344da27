//! The levels of the shards' indexes, as far as this process knows.

use super::Segment;
use super::extent::no_memory;
use crate::index::ProbeSequence;
use crate::layout::geometry::Geometry;
use crate::layout::hash::KeyHash;
use crate::layout::index_shape::IndexShape;
use crate::layout::sizing::MAX_SHARDS;
use shmkit_object::error::{Error, Result};
use shmkit_object::region::Region;
use shmkit_object::sync::Ordering;

/// Returns a level and its complement, as they are stored.
#[inline(always)]
fn half_of(level: u32) -> u16 {
    u16::from_le_bytes([level as u8, !(level as u8)])
}

/// Returns the level that a word of levels has for a shard, if it is its own complement.
fn level_in(word: u64, shard: u32) -> Option<u32> {
    let [level, complement] = ((word >> (shard % 4 * 16)) as u16).to_le_bytes();
    (level == !complement).then_some(u32::from(level))
}

/// Returns the level of a shard's index that a word of levels or its copy has.
pub(crate) fn level_of([first, second]: [u64; 2], shard: u32) -> Option<u32> {
    level_in(first, shard).or_else(|| level_in(second, shard))
}

/// Returns the level of a shard's index, at most the highest.
pub(super) fn shared_level(region: &Region, geometry: &Geometry, shard: u32) -> Result<u32> {
    let words = geometry.level_word(shard).map(|at| region.load(at));
    level_of(words, shard)
        .map(|level| level.min(geometry.max_level))
        .ok_or_else(|| Error::Corrupt(format!("the level of shard {shard} is damaged, and so is its copy")))
}

impl Segment {
    /// Returns the shape of a shard's index, as far as this process knows.
    #[inline(always)]
    pub(crate) fn shape(&self, shard: u32) -> IndexShape {
        if self.geometry.is_elastic() {
            return self.shape_sized::<true>(shard);
        }
        self.shape_sized::<false>(shard)
    }

    /// Like `shape`, for callers that know whether the dictionary grows.
    #[inline(always)]
    pub(crate) fn shape_sized<const GROWS: bool>(&self, shard: u32) -> IndexShape {
        let base = self.geometry.base_shape();
        if !GROWS {
            return base;
        }
        let mask = self.extent.masks[shard as usize % MAX_SHARDS].load(Ordering::Relaxed);
        IndexShape { mask, ..base }
    }

    /// Returns a key's home bucket.
    #[inline(always)]
    pub(crate) fn home(&self, shard: u32, hash: KeyHash) -> u32 {
        if self.geometry.is_elastic() {
            return self.home_sized::<true>(shard, hash);
        }
        self.home_sized::<false>(shard, hash)
    }

    /// Like `home`, for callers that know whether the dictionary grows.
    #[inline(always)]
    pub(crate) fn home_sized<const GROWS: bool>(&self, shard: u32, hash: KeyHash) -> u32 {
        self.shape_sized::<GROWS>(shard).home(hash)
    }

    /// Returns the number of buckets of a shard's index.
    #[inline(always)]
    pub(crate) fn buckets(&self, shard: u32) -> u64 {
        if self.geometry.is_elastic() {
            return self.shape(shard).buckets();
        }
        u64::from(self.geometry.base_buckets)
    }

    /// Returns whether a shard's index has, or may have, another shape than this one. Call it after the loads of a probe
    /// that found nothing. If not, the index was not doubled before the last of them, and they had all that they need.
    #[inline(always)]
    pub(crate) fn is_outgrown(&self, shard: u32, shape: IndexShape) -> bool {
        self.region.read_fence();
        !(self.has_level(shard, shape) || self.has_level_in_copy(shard, shape))
    }

    /// Returns the bucket at this position of a key's probe sequence in an index of this shape, if there is one.
    #[inline(always)]
    pub(crate) fn nth_bucket<const GROWS: bool>(
        &self,
        hash: KeyHash,
        shape: IndexShape,
        position: u32,
    ) -> Option<u32> {
        // The shape of a fixed index need not be kept for this.
        self.nth_bucket_of(hash, if GROWS { shape.mask } else { 0 }, position)
    }

    #[cold]
    #[inline(never)]
    fn nth_bucket_of(&self, hash: KeyHash, mask: u32, position: u32) -> Option<u32> {
        ProbeSequence::new(hash, IndexShape { mask, ..self.geometry.base_shape() }).nth(position as usize)
    }

    /// Returns whether the word of a shard's level says that the index has this shape.
    #[inline(always)]
    fn has_level(&self, shard: u32, known: IndexShape) -> bool {
        let (word, shift) = (self.region.load(self.geometry.level_word(shard)[0]), shard % 4 * 16);
        (word >> shift) as u16 == half_of(known.level())
    }

    /// Like `has_level`, also if the word is damaged.
    #[cold]
    #[inline(never)]
    fn has_level_in_copy(&self, shard: u32, known: IndexShape) -> bool {
        shared_level(&self.region, &self.geometry, shard).ok() == Some(known.level())
    }

    /// Learns the present level of a shard's index. Returns false if it is damaged. The caller must hold the lock.
    #[inline(always)]
    pub(crate) fn learn_level(&self, shard: u32) -> bool {
        self.has_level(shard, self.shape_sized::<true>(shard)) || self.learn_new_level(shard)
    }

    // With a result that fits into a register.
    #[cold]
    #[inline(never)]
    fn learn_new_level(&self, shard: u32) -> bool {
        self.refresh_level(shard, self.shape(shard)).is_ok()
    }

    /// Learns the present level of a shard's index. Returns whether it is another one than that of `shape`.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if the level and its copy are damaged, or the file has no memory for the level.
    pub(crate) fn refresh_level(&self, shard: u32, shape: IndexShape) -> Result<bool> {
        if !self.geometry.is_elastic() {
            return Ok(false);
        }
        self.region.read_fence();
        let level = shared_level(&self.region, &self.geometry, shard)?;
        let known = self.shape(shard);
        if level > known.level() {
            let range = self.geometry.index_range(shard, Some(known.level()), level);
            if !self.region.cover(range.start, range.end) {
                return Err(no_memory("an index"));
            }
            self.note_level(shard, level);
        }
        Ok(self.shape(shard) != shape)
    }

    /// Stores a shard's level: in its word, or in the copy of it.
    #[cfg_attr(test, track_caller)]
    pub(crate) fn store_level(&self, shard: u32, level: u32, is_copy: bool) {
        let at = self.geometry.level_word(shard)[usize::from(is_copy)];
        let shift = shard % 4 * 16;
        let half = u64::from(half_of(level)) << shift;
        loop {
            let seen = self.region.load(at);
            if self.region.swap_if(at, seen, seen & !(0xFFFF << shift) | half).is_ok() {
                return;
            }
        }
    }

    /// Notes that this process has mapped a shard's index at this level.
    pub(crate) fn note_level(&self, shard: u32, level: u32) {
        let mask = IndexShape::new(self.geometry.base_buckets, level).mask;
        self.extent.masks[shard as usize % MAX_SHARDS].fetch_max(mask, Ordering::Relaxed);
    }

    /// Returns whether both words of a shard's level say the same.
    pub(crate) fn is_level_sound(&self, shard: u32) -> bool {
        let levels = self.geometry.level_word(shard).map(|at| level_in(self.region.load(at), shard));
        !self.geometry.is_elastic() || (levels[0].is_some() && levels[0] == levels[1])
    }
}
