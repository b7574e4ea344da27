//! The index: open addressing in cache lines.
//!
//! A bucket is one line: seven index words and a word of metadata. A key probes its home bucket, then
//! others by double hashing. There are no tombstones: a bucket counts the live keys that passed it
//! because it was full, and a probe ends at the first bucket whose count is 0 (overflow counts, as in
//! Folly's F14). The count rises before such a key is published and falls after it is removed, so a death
//! in between leaves it too high, which costs one more bucket per probe, and never too low.
//!
//! ```text
//! | word 0 | word 1 | ... | word 6 | overflow count (4) | reference bits (1) | 0 (3) |
//! ```

pub(crate) mod double;
pub(crate) mod find;

use crate::layout::geometry::SLOTS;
use crate::layout::hash::KeyHash;
use crate::layout::index_shape::IndexShape;
use crate::layout::word::IndexWord;
use shmkit_object::region::{CacheLine, Region, Word};

/// Offset of the overflow count within a bucket.
pub(crate) const OVERFLOW: u64 = SLOTS * 8;
/// Offset of the reference bits.
pub(crate) const REFERENCES: u64 = OVERFLOW + 4;
/// Most buckets that a probe visits: at a load of 0.9, one key in 10^50 would need more.
pub(crate) const PROBE_LIMIT: u32 = 256;

/// Result of scanning one bucket.
#[derive(Debug, Clone, Copy)]
pub(crate) enum BucketScan<'a> {
    /// The first word with the tag: the number of its slot, the word, and the slot itself.
    Match(u64, IndexWord, Word<'a>),
    /// No word has the tag.
    Missing,
    /// The word that had the tag changed during the scan.
    Changed,
}

/// Scans a bucket for a tag.
#[inline(always)]
pub(crate) fn scan_bucket(bucket: CacheLine<'_>, tag: u16) -> BucketScan<'_> {
    let tagged = bucket.tagged(tag);
    if tagged == 0 {
        return BucketScan::Missing;
    }
    let slot = tagged.trailing_zeros();
    let cell = bucket.word(slot);
    let word = IndexWord(cell.load());
    if word.tag() == tag { BucketScan::Match(u64::from(slot), word, cell) } else { BucketScan::Changed }
}

/// Returns the bucket's overflow count: how many live keys passed it.
#[inline(always)]
pub(crate) fn overflow_count(bucket: CacheLine<'_>) -> u32 {
    bucket.last_half(0)
}

/// A key's probe sequence.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProbeSequence {
    hash: KeyHash,
    shape: IndexShape,
    a: u32,
    b: u32,
    visited: u32,
}

impl ProbeSequence {
    /// Starts at the home bucket.
    #[inline]
    pub(crate) fn new(hash: KeyHash, shape: IndexShape) -> Self {
        ProbeSequence { hash, shape, a: hash.home(shape.base), b: hash.column(), visited: 0 }
    }

    /// Goes on to the next bucket; returns false after the last one.
    fn advance(&mut self) -> bool {
        let (next, base) = (self.a + self.hash.step(self.shape.base), self.shape.base);
        // The base is a prime and the stride is odd, so the sequence visits all buckets before it repeats one.
        self.a = if next >= base { next - base } else { next };
        self.b = self.b.wrapping_add(self.hash.stride());
        self.visited < PROBE_LIMIT && u64::from(self.visited) < self.shape.buckets()
    }
}

impl Iterator for ProbeSequence {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        // Most probes end in the home bucket.
        if self.visited > 0 && !self.advance() {
            return None;
        }
        self.visited += 1;
        Some(self.shape.bucket(self.a, self.b))
    }
}

/// Sets the reference bit of a slot, unless it is set. Racy: it is a hint for eviction.
#[inline]
pub(crate) fn reference(region: &Region, bucket: u64, slot: u64) {
    let bits = region.load8_hint(bucket + REFERENCES);
    if bits & 1 << slot == 0 {
        region.hint8(bucket + REFERENCES, bits | 1 << slot);
    }
}

/// Clears the reference bit of a slot: new entries start without it and earn it by being read.
#[inline]
pub(crate) fn unreference(region: &Region, bucket: u64, slot: u64) {
    let bits = region.load8_hint(bucket + REFERENCES);
    if bits & 1 << slot != 0 {
        region.hint8(bucket + REFERENCES, bits & !(1 << slot));
    }
}
