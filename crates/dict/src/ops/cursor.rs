//! The position of a scan, across doublings of the index.
//!
//! A doubling moves some words a half further, to positions that the scan reaches later. So a cursor remembers each doubling
//! that it met, as the shape of the index before it and the first position not yet visited then. A position is skipped if
//! its ancestor under one of these shapes was visited before that doubling. The level is compared after every load that a scan
//! relies on: what was loaded counts only if the index had the shape that the cursor believes. So a key that is
//! present throughout is visited exactly once.
//!
//! From the commit of a doubling until its end, a word that has gone up stands twice; if the participant that doubles dies,
//! until the next owner of the lock has recovered. A scan passes over the lower one.

use super::Dict;
use crate::layout::index_shape::IndexShape;
use crate::shard::Shard;
use shmkit_object::error::Result;
use smallvec::SmallVec;

/// The position of a scan, which starts at `default()`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cursor {
    pub(super) shard: u32,
    pub(super) bucket: u32,
    /// The first slot of the bucket that was not visited.
    pub(super) slot: u32,
    /// The shape of the shard's index; `None` before the first look at it.
    shape: Option<IndexShape>,
    /// Whether the doubling that gave the index this shape has cleared what has gone up.
    is_settled: bool,
    /// The doublings that were met in this shard: the shape before, and the first position not yet visited.
    met: SmallVec<[(IndexShape, u64); 2]>,
}

impl Cursor {
    /// Starts at the first bucket of a shard.
    pub(super) fn of_shard(shard: u32) -> Cursor {
        Cursor { shard, ..Cursor::default() }
    }

    /// Returns the shape that the shard's index has as far as the scan knows.
    #[inline]
    pub(super) fn shape(&mut self, dict: &Dict) -> IndexShape {
        *self.shape.get_or_insert_with(|| dict.segment.shape(self.shard))
    }

    /// Returns whether a slot of the bucket was visited before a doubling moved its word there.
    #[inline]
    pub(super) fn has_visited(&self, slot: u64) -> bool {
        let ancestor = |shape: IndexShape| u64::from(self.bucket) % shape.buckets() * 8 + slot;
        self.met.iter().any(|&(shape, first)| ancestor(shape) < first)
    }

    /// Returns whether a slot of the bucket has a word that has gone up, and was not cleared yet. If this is false, and the
    /// shape is still the same after the slot was read, the word that was read had not gone up.
    // While a word stands twice, no other participant writes the shard: what was read later as such a word was equal to the upper one
    // before, unless that was before the commit, and then the shape has changed.
    #[inline]
    pub(super) fn is_superseded(&mut self, dict: &Dict, slot: u64) -> bool {
        let shape = self.shape(dict);
        if shape.mask == 0 {
            return false;
        }
        // The copy of the level is stored after the words were cleared.
        self.is_settled = self.is_settled || dict.segment.is_level_sound(self.shard);
        !self.is_settled && Shard::new(&dict.segment, self.shard).is_superseded(shape, self.bucket, slot)
    }

    /// Returns whether the index was doubled since the cursor last learned its shape, and notes that. What was loaded from
    /// the bucket since then must be loaded again.
    ///
    /// # Errors
    /// [`shmkit_object::error::Error::Corrupt`] if the level is damaged.
    #[inline(always)]
    pub(super) fn meets_doubling(&mut self, dict: &Dict) -> Result<bool> {
        if dict.segment.geometry.is_elastic() { self.meets_doubling_of_growing(dict) } else { Ok(false) }
    }

    // Out of line: a scan of what cannot grow pays for the branch alone.
    #[inline(never)]
    fn meets_doubling_of_growing(&mut self, dict: &Dict) -> Result<bool> {
        let shape = self.shape(dict);
        if !dict.segment.refresh_level(self.shard, shape)? {
            return Ok(false);
        }
        self.met.push((shape, u64::from(self.bucket) * 8 + u64::from(self.slot)));
        (self.shape, self.is_settled) = (Some(dict.segment.shape(self.shard)), false);
        Ok(true)
    }
}
