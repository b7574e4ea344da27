//! Looking at buckets ahead of a scan: its entries are spread over the memory, and waiting for each of them in turn took
//! half the time of a scan.

use super::Dict;
use crate::layout::word::IndexWord;

/// How many buckets ahead of the scan entries are prefetched.
const AHEAD: u32 = 16;

/// Offset in an entry by which the first bytes of its key have been reached, in all entries of one block.
const KEY_BEFORE: u64 = 40;

/// The occupied slots of the next buckets of a shard.
#[derive(Debug)]
pub(in crate::ops) struct Lookahead<'a> {
    dict: &'a Dict,
    shard: u32,
    /// The first bucket that was not looked at.
    next: u32,
    /// Bits of occupied slots, by the number of the bucket.
    masks: [u8; 32],
}

impl<'a> Lookahead<'a> {
    /// Begins at a bucket of a shard.
    pub(in crate::ops) fn new(dict: &'a Dict, shard: u32, bucket: u32) -> Self {
        Lookahead { dict, shard, next: bucket, masks: [0; 32] }
    }

    /// Returns a bit for each slot of the bucket that was occupied since the last call for a bucket before it, or since
    /// `new`. Each call is for the next bucket.
    #[inline]
    pub(in crate::ops) fn slots(&mut self, bucket: u32) -> u8 {
        while self.next <= bucket + AHEAD {
            self.masks[self.next as usize % 32] = self.look_at(self.next);
            self.next += 1;
        }
        self.masks[bucket as usize % 32]
    }

    /// Prefetches the entries of a bucket and returns its occupied slots.
    #[inline]
    fn look_at(&self, bucket: u32) -> u8 {
        let segment = &*self.dict.segment;
        if u64::from(bucket) >= segment.buckets(self.shard) {
            return 0;
        }
        let mut mask = 0;
        let words = segment.region.index_words(segment.geometry.bucket(self.shard, bucket));
        for (slot, word) in (0..).zip(words.iter()) {
            let word = IndexWord(word.load());
            if !word.is_empty() {
                mask |= 1 << slot;
                segment.region.prefetch(word.block());
                // The key may be in the next line.
                segment.region.prefetch(word.block() + KEY_BEFORE);
            }
        }
        mask
    }
}

/// Returns the lowest set bit's number and clears it.
#[inline]
pub(in crate::ops) fn take_slot(mask: &mut u8) -> Option<u64> {
    let slot = mask.trailing_zeros();
    *mask &= mask.wrapping_sub(1);
    (slot < 8).then_some(u64::from(slot))
}
