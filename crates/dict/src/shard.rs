//! A view of one shard: its header's words, named relative to the shard.

use crate::layout::shard as offsets;
use crate::segment::Segment;

/// One shard of a segment. A copyable view; most of its methods expect that the shard's lock is held.
#[derive(Debug, Clone, Copy)]
pub struct Shard<'a> {
    /// The segment.
    pub segment: &'a Segment,
    /// Number of the shard.
    pub id: u32,
    /// Offset of its header.
    pub at: u64,
}

impl<'a> Shard<'a> {
    /// The view of shard `id`, which must exist.
    #[inline]
    pub fn new(segment: &'a Segment, id: u32) -> Self {
        debug_assert!(id < segment.geometry.shards);
        Shard { segment, id, at: segment.geometry.shard(id) }
    }

    /// A word of the header.
    #[inline]
    pub fn load(&self, field: u64) -> u64 {
        self.segment.region.load(self.at + field)
    }

    /// Stores a word of the header.
    #[cfg_attr(test, track_caller)]
    #[inline]
    pub fn store(&self, field: u64, value: u64) {
        self.segment.region.store(self.at + field, value);
    }

    /// Stores words of the header that lie one behind the other, in this order.
    #[cfg_attr(test, track_caller)]
    #[inline]
    pub fn store_all<const N: usize>(&self, field: u64, values: [u64; N]) {
        self.segment.region.store_all(self.at + field, values);
    }

    /// A half word of the header.
    #[inline]
    pub fn load32(&self, field: u64) -> u32 {
        self.segment.region.load32(self.at + field)
    }

    /// Stores a half word of the header.
    #[cfg_attr(test, track_caller)]
    #[inline]
    pub fn store32(&self, field: u64, value: u32) {
        self.segment.region.store32(self.at + field, value);
    }

    /// Stores a half word of the header that is only a hint.
    #[inline]
    pub fn hint32(&self, field: u64, value: u32) {
        self.segment.region.hint32(self.at + field, value);
    }

    /// Compare-and-swap of a half word of the header.
    #[cfg_attr(test, track_caller)]
    #[inline]
    pub fn swap_if32(&self, field: u64, current: u32, new: u32) -> Result<(), u32> {
        self.segment.region.swap_if32(self.at + field, current, new)
    }

    /// Draws the next sequence number. It is stored before it is used, so a death skips a number,
    /// and never repeats one. Only damage brings it to its end, where it begins again.
    #[inline]
    pub fn draw_sequence(&self) -> u64 {
        let next = self.load(offsets::SEQUENCE).wrapping_add(1);
        self.store(offsets::SEQUENCE, next);
        next
    }

    /// Live entries of `epoch`, expired ones that were not reclaimed included.
    #[inline]
    pub fn live(&self, epoch: u64) -> u64 {
        let word = self.load(offsets::LIVE);
        if word >> 32 == epoch & 0xFFFF_FFFF { word & 0xFFFF_FFFF } else { 0 }
    }
}
