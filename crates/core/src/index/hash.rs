//! The keyed hash of a key, and what its bits are used for.
//!
//! ```text
//! 63     56 55   48 47      32 31                0
//! | shard  |  ...  |   tag    |   home bucket     |      the step comes from bits 24 to 55
//! ```
//! SipHash-1-3 (Aumasson and Bernstein, 2012) with a secret per segment: who cannot read the segment cannot
//! choose keys that collide. Written out here, because it is a quarter of a read: without the buffering of a
//! general hasher it takes three quarters of the `siphasher` crate's instructions. The tests compare the two.

/// 64 bits of a key's hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyHash(pub u64);

impl KeyHash {
    /// Hashes a key's stored bytes.
    #[inline]
    pub fn of(bytes: &[u8], secret: &[u8; 16]) -> Self {
        KeyHash(siphash(bytes, secret))
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

#[inline]
fn siphash(bytes: &[u8], secret: &[u8; 16]) -> u64 {
    let key = u128::from_le_bytes(*secret);
    let (low, high) = (key as u64, (key >> 64) as u64);
    // "somepseudorandomlygeneratedbytes"
    let mut state = [
        low ^ 0x736f_6d65_7073_6575,
        high ^ 0x646f_7261_6e64_6f6d,
        low ^ 0x6c79_6765_6e65_7261,
        high ^ 0x7465_6462_7974_6573,
    ];
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        absorb(&mut state, u64::from_le_bytes(*word));
    }
    let tail = rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
    absorb(&mut state, tail | (bytes.len() as u64) << 56);
    state[2] ^= 0xFF;
    for _ in 0..3 {
        round(&mut state);
    }
    state[0] ^ state[1] ^ state[2] ^ state[3]
}

#[inline(always)]
fn absorb(state: &mut [u64; 4], word: u64) {
    state[3] ^= word;
    round(state);
    state[0] ^= word;
}

#[inline(always)]
fn round([a, b, c, d]: &mut [u64; 4]) {
    *a = a.wrapping_add(*b);
    *c = c.wrapping_add(*d);
    *b = b.rotate_left(13) ^ *a;
    *d = d.rotate_left(16) ^ *c;
    *a = a.rotate_left(32).wrapping_add(*d);
    *c = c.wrapping_add(*b);
    *d = d.rotate_left(21) ^ *a;
    *b = b.rotate_left(17) ^ *c;
    *c = c.rotate_left(32);
}

/// Maps 32 random bits onto `0..range` (Lemire's multiplication).
#[inline]
fn scale(bits: u32, range: u32) -> u32 {
    ((u64::from(bits) * u64::from(range)) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use siphasher::sip::SipHasher13;

    #[test]
    fn the_hash_is_siphash_1_3_for_every_length() {
        let secret = *b"sixteen bytes!!!";
        let bytes: Vec<u8> = (0..600_u32).map(|number| (number * 37 % 251) as u8).collect();
        for length in 0..bytes.len() {
            let expected = SipHasher13::new_with_key(&secret).hash(&bytes[..length]);
            assert_eq!(KeyHash::of(&bytes[..length], &secret).0, expected, "{length} bytes");
        }
    }
}
