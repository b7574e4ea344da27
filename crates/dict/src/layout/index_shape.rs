//! The shape of a shard's index, which doubles with each level.
//!
//! A bucket has two coordinates: `a` below the base number, a prime, and `b` below `2^level`. It is bucket
//! `a + base * b`. A key's probe sequence advances both, `a` by a step and `b` by an odd stride, so it visits all buckets,
//! whatever the level. Because `(x mod 2^(level + 1)) mod 2^level = x mod 2^level`, the bucket that a key's probe visits
//! next is, one level up, either the same or the one `base * 2^level` further.

use super::hash::KeyHash;

/// The shape of a shard's index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexShape {
    /// Buckets at level 0, a prime.
    pub base: u32,
    /// `2^level - 1`.
    pub mask: u32,
}

impl IndexShape {
    /// Returns the shape of an index that was doubled `level` times.
    #[inline(always)]
    pub fn new(base: u32, level: u32) -> Self {
        IndexShape { base, mask: (1 << level) - 1 }
    }

    /// Returns how often the index has been doubled.
    #[inline(always)]
    pub fn level(self) -> u32 {
        // One instruction on every x86-64, unlike counting the bits.
        u32::BITS - self.mask.leading_zeros()
    }

    /// Returns the number of buckets.
    #[inline]
    pub fn buckets(self) -> u64 {
        u64::from(self.base) * (u64::from(self.mask) + 1)
    }

    /// Returns the number of positions, of which every eighth has no slot.
    #[inline]
    pub fn places(self) -> u64 {
        self.buckets() * 8
    }

    /// Returns the bucket with these coordinates, of which `b` is taken modulo `2^level`.
    #[inline(always)]
    pub fn bucket(self, a: u32, b: u32) -> u32 {
        a + self.base * (b & self.mask)
    }

    /// Returns a key's home bucket.
    #[inline(always)]
    pub fn home(self, hash: KeyHash) -> u32 {
        self.bucket(hash.home(self.base), hash.column())
    }

    /// Returns the shape after one more doubling.
    #[inline]
    pub fn doubled(self) -> Self {
        IndexShape { base: self.base, mask: self.mask * 2 + 1 }
    }
}
