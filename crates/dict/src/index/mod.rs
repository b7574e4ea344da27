//! The index: open addressing in cache lines.
//!
//! A bucket is one line: seven index words and a word of metadata. A key probes its home bucket, then
//! others by double hashing. There are no tombstones: a bucket counts the live keys that passed it
//! because it was full, and a search ends at the first bucket whose count is 0 (overflow counts, as in
//! Folly's F14). The count rises before such a key is published and falls after it is gone, so a death
//! in between leaves it too high, which costs a look at one more bucket, and never too low.
//!
//! ```text
//! | word 0 | word 1 | ... | word 6 | overflow count (4) | reference bits (1) | 0 (3) |
//! ```

pub mod find;

use crate::layout::geometry::{Geometry, SLOTS};
use crate::layout::hash::KeyHash;
use crate::layout::word::IndexWord;
use shmkit_object::region::{Line, Region, Word};

/// Offset of the overflow count within a bucket.
pub const OVERFLOW: u64 = SLOTS * 8;
/// Offset of the reference bits.
pub const REFERENCES: u64 = OVERFLOW + 4;
/// Buckets a search looks at, at most: at a load of 0.9 one key in 10^50 would want more.
pub const PROBE_LIMIT: u32 = 256;

/// What a look at one bucket shows.
#[derive(Debug, Clone, Copy)]
pub enum Look<'a> {
    /// The first word with the tag, in which slot it stands, and the place itself.
    Word(u64, IndexWord, Word<'a>),
    /// No word has the tag.
    Nothing,
    /// The word that had it changed meanwhile.
    Changed,
}

/// Looks for a tag in a bucket.
#[inline(always)]
pub fn look_into(bucket: Line<'_>, tag: u16) -> Look<'_> {
    let tagged = bucket.tagged(tag);
    if tagged == 0 {
        return Look::Nothing;
    }
    let slot = tagged.trailing_zeros();
    let place = bucket.word(slot);
    let word = IndexWord(place.load());
    if word.tag() == tag { Look::Word(u64::from(slot), word, place) } else { Look::Changed }
}

/// How many live keys passed a bucket.
#[inline(always)]
pub fn passed(bucket: Line<'_>) -> u32 {
    bucket.last_half(0)
}

/// The order in which a key's buckets are visited.
#[derive(Debug, Clone, Copy)]
pub struct Probe {
    bucket: u32,
    step: u32,
    buckets: u32,
    left: u32,
}

impl Probe {
    /// Starts at the home bucket.
    #[inline]
    pub fn new(hash: KeyHash, geometry: &Geometry) -> Self {
        let buckets = geometry.buckets;
        Probe {
            bucket: hash.home(buckets),
            step: hash.step(buckets),
            buckets,
            left: buckets.min(PROBE_LIMIT),
        }
    }
}

impl Iterator for Probe {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        self.left = self.left.checked_sub(1)?;
        let bucket = self.bucket;
        // The number of buckets is a prime, so any step visits all of them.
        let next = u64::from(bucket) + u64::from(self.step);
        let buckets = u64::from(self.buckets);
        self.bucket = if next >= buckets { next - buckets } else { next } as u32;
        Some(bucket)
    }
}

/// Sets the reference bit of a slot, unless it is set. Racy: it is a hint for the eviction.
#[inline]
pub fn reference(region: &Region, bucket: u64, slot: u64) {
    let bits = region.load8_hint(bucket + REFERENCES);
    if bits & 1 << slot == 0 {
        region.hint8(bucket + REFERENCES, bits | 1 << slot);
    }
}

/// Clears the reference bit of a slot: entries come in without it, and must earn it.
#[inline]
pub fn unreference(region: &Region, bucket: u64, slot: u64) {
    let bits = region.load8_hint(bucket + REFERENCES);
    if bits & 1 << slot != 0 {
        region.hint8(bucket + REFERENCES, bits & !(1 << slot));
    }
}
