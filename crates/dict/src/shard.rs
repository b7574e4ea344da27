//! A view of one shard: access to the words of its header.

use crate::layout::geometry::SLOTS;
use crate::layout::index_shape::IndexShape;
use crate::layout::shard as offsets;
use crate::segment::{Segment, live_of};

/// One shard of a segment. A copyable view; most of its methods require that the shard's lock is held.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shard<'a> {
    /// The segment.
    pub segment: &'a Segment,
    /// The number of the shard.
    pub id: u32,
    /// The offset of its header.
    pub at: u64,
}

impl<'a> Shard<'a> {
    /// Returns the view of shard `id`, which must exist.
    #[inline]
    pub(crate) fn new(segment: &'a Segment, id: u32) -> Self {
        debug_assert!(id < segment.geometry.shards);
        Shard { segment, id, at: segment.geometry.shard(id) }
    }

    /// Returns the shape of its index. The holder of the lock can rely on it.
    #[inline]
    pub(crate) fn shape(&self) -> IndexShape {
        self.segment.shape(self.id)
    }

    /// Returns the offset of the index word at position `bucket * 8 + slot`, if that exists.
    #[inline(always)]
    pub(crate) fn position_at(&self, position: u64) -> Option<u64> {
        let (bucket, slot) = (position / 8, position % 8);
        (bucket < self.segment.buckets(self.id) && slot < SLOTS)
            .then(|| self.segment.geometry.bucket(self.id, bucket as u32) + slot * 8)
    }

    /// Loads a word of the header.
    #[inline]
    pub(crate) fn load(&self, field: u64) -> u64 {
        self.segment.region.load(self.at + field)
    }

    /// Stores a word of the header.
    #[cfg_attr(test, track_caller)]
    #[inline]
    pub(crate) fn store(&self, field: u64, value: u64) {
        self.segment.region.store(self.at + field, value);
    }

    /// Stores consecutive words of the header, in this order.
    #[cfg_attr(test, track_caller)]
    #[inline]
    pub(crate) fn store_all<const N: usize>(&self, field: u64, values: [u64; N]) {
        self.segment.region.store_all(self.at + field, values);
    }

    /// Loads a half word of the header.
    #[inline]
    pub(crate) fn load32(&self, field: u64) -> u32 {
        self.segment.region.load32(self.at + field)
    }

    /// Stores a half word of the header.
    #[cfg_attr(test, track_caller)]
    #[inline]
    pub(crate) fn store32(&self, field: u64, value: u32) {
        self.segment.region.store32(self.at + field, value);
    }

    /// Stores a half word of the header that is only a hint.
    #[inline]
    pub(crate) fn hint32(&self, field: u64, value: u32) {
        self.segment.region.hint32(self.at + field, value);
    }

    /// Draws the next sequence number. It is stored before it is used, so a death skips a number but never repeats
    /// one. Only damage can make it wrap around.
    #[inline]
    pub(crate) fn draw_sequence(&self) -> u64 {
        let next = self.load(offsets::SEQUENCE).wrapping_add(1);
        self.store(offsets::SEQUENCE, next);
        next
    }

    /// Returns the number of live entries of `epoch`, including expired ones that have not been reclaimed.
    #[inline]
    pub(crate) fn live(&self, epoch: u64) -> u64 {
        live_of(self.load(offsets::LIVE), epoch)
    }
}
