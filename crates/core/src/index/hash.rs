//! The keyed hash of a key, and what its bits are used for.
//!
//! ```text
//! 63     56 55   48 47      32 31                0
//! | shard  |  ...  |   tag    |   home bucket     |      the step comes from bits 24 to 55
//! ```
//! SipHash-1-3 with a secret per segment: who cannot read the segment cannot choose keys that collide.

use siphasher::sip::SipHasher13;

/// 64 bits of a key's hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyHash(pub u64);

impl KeyHash {
    /// Hashes a key's stored bytes.
    #[inline]
    pub fn of(bytes: &[u8], secret: &[u8; 16]) -> Self {
        KeyHash(SipHasher13::new_with_key(secret).hash(bytes))
    }

    /// Which of `shards` (a power of two).
    #[inline]
    pub fn shard(self, shards: u32) -> u32 {
        (self.0 >> 56) as u32 & (shards - 1)
    }

    /// Stored in the index word, so that other keys are passed over unread.
    #[inline]
    pub fn tag(self) -> u16 {
        (self.0 >> 32) as u16
    }

    /// The first bucket to look at.
    #[inline]
    pub fn home(self, buckets: u32) -> u32 {
        scale(self.0 as u32, buckets)
    }

    /// The distance to the next one, from 1 to `buckets - 1`.
    #[inline]
    pub fn step(self, buckets: u32) -> u32 {
        1 + scale((self.0 >> 24) as u32, buckets - 1)
    }
}

/// Maps 32 random bits onto `0..range` (Lemire's multiplication).
#[inline]
fn scale(bits: u32, range: u32) -> u32 {
    ((u64::from(bits) * u64::from(range)) >> 32) as u32
}
