//! The keyed hash of a key, and what its bits are used for.
//!
//! ```text
//! 63     56 55   48 47      32 31                0
//! | shard  |  ...  |   tag    |   home bucket     |      the step comes from bits 24 to 55
//! ```
//! Rapidhash V3 (De Carli, 2025; a successor of wyhash), in its small and protected form, seeded and with
//! multipliers of its own for each segment: who cannot read the segment cannot work out keys that collide. It
//! takes a quarter of the instructions of SipHash-1-3, which was a tenth of a read's time.

use rapidhash::v3::{RapidSecrets, rapidhash_v3_micro_inline};

/// A segment's secret, unfolded.
#[derive(Debug, Clone, Copy)]
pub struct Secret(RapidSecrets);

impl Secret {
    /// From the random bytes in the superblock.
    pub fn new(bytes: &[u8; 16]) -> Self {
        let both = u128::from_le_bytes(*bytes);
        let (multipliers, seed) = (RapidSecrets::seed(both as u64), RapidSecrets::seed((both >> 64) as u64));
        Secret(RapidSecrets { seed: seed.seed, ..multipliers })
    }
}

/// 64 bits of a key's hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyHash(pub u64);

impl KeyHash {
    /// Hashes a key's stored bytes.
    #[inline]
    pub fn of(bytes: &[u8], secret: &Secret) -> Self {
        KeyHash(rapidhash_v3_micro_inline::<true, true>(bytes, &secret.0))
    }

    /// Which of `shards` (a power of two).
    #[inline]
    pub fn shard(self, shards: u32) -> u32 {
        (self.0 >> 56) as u32 & (shards - 1)
    }

    /// Stored in the index word, so that other keys are passed over unread. Never 0, which an empty word has.
    #[inline]
    pub fn tag(self) -> u16 {
        ((self.0 >> 32) as u16).max(1)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A segment outlives the build that made it, so that every build must hash alike.
    #[test]
    fn the_hash_stays_what_it_is() {
        let secret = Secret::new(b"sixteen bytes!!!");
        let bytes: Vec<u8> = (0..600_u32).map(|number| (number * 37 % 251) as u8).collect();
        let sum = (0..bytes.len())
            .fold(0, |sum: u64, length| sum.rotate_left(7) ^ KeyHash::of(&bytes[..length], &secret).0);
        assert_eq!(sum, 0x05EA_882A_9408_5701);
    }

    #[test]
    fn another_secret_is_another_hash() {
        let [one, two] = [b"sixteen bytes!!!", b"sixteen bytes!!?"].map(Secret::new);
        assert!((0..64).all(|length| {
            let bytes = vec![7; length];
            KeyHash::of(&bytes, &one) != KeyHash::of(&bytes, &two)
        }));
    }
}
