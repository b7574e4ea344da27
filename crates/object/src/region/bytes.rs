//! Copies of byte ranges: keys and values.

use super::{Region, copy};
use crate::crash;
use crate::sync::{AtomicU64, Ordering};

impl Region {
    /// Appends `len` bytes from `offset` (8-aligned) to `out`. Bytes that change meanwhile may tear;
    /// the caller validates afterwards.
    #[inline]
    pub fn copy_out(&self, offset: u64, len: usize, out: &mut Vec<u8>) {
        let padded = len.next_multiple_of(8);
        let source = self.at(offset, padded as u64, 8);
        out.reserve(padded);
        let end = out.len();
        // SAFETY: `reserve` made room for `padded` bytes past `end`.
        let target = unsafe { out.as_mut_ptr().add(end) };
        // SAFETY: `source` is valid for `padded` bytes and 8-aligned (`at`), `target` has room for them.
        unsafe { copy::out(source, target, padded) };
        // SAFETY: `copy::out` initialised the bytes up to `end + padded`, and `len <= padded`.
        unsafe { out.set_len(end + len) };
    }

    /// Returns the address of `len` bytes at `offset`.
    #[inline]
    pub fn span(&self, offset: u64, len: usize) -> *const u8 {
        self.at(offset, len as u64, 1)
    }

    /// Copies `len` bytes from any `offset`, to the byte `at` of `target`. Bytes that change meanwhile may
    /// tear; the caller validates afterwards.
    ///
    /// # Safety
    /// `target` must be private memory valid for writes of `at + len` bytes.
    pub unsafe fn copy_bytes(&self, offset: u64, len: usize, target: *mut u8, at: usize) {
        let source = self.span(offset, len);
        // SAFETY: `at` lies within the memory that the caller guarantees.
        let address = unsafe { target.add(at) };
        // SAFETY: `source` is valid for `len` bytes (`span`), `address` by the caller's promise.
        unsafe { copy::unaligned(source, address, len) };
    }

    /// Writes `len` zeros to the byte `at` of `target`, instead of bytes that could not be copied.
    ///
    /// # Safety
    /// Like `copy_bytes`.
    pub unsafe fn fill_zeros(&self, target: *mut u8, at: usize, len: usize) {
        // SAFETY: `at` lies within the memory that the caller guarantees.
        let address = unsafe { target.add(at) };
        // SAFETY: `address` is valid for `len` bytes by the caller's promise.
        unsafe { address.write_bytes(0, len) };
    }

    /// Like `copy_bytes`, to the end of `out`.
    pub fn append_bytes(&self, offset: u64, len: usize, out: &mut Vec<u8>) {
        out.reserve(len);
        let end = out.len();
        // SAFETY: `reserve` made room for `len` bytes past `end`.
        unsafe { self.copy_bytes(offset, len, out.as_mut_ptr(), end) };
        // SAFETY: `copy_bytes` initialised them.
        unsafe { out.set_len(end + len) };
    }

    /// Fills `target` with the bytes from `offset` (8-aligned), which another core has probably just
    /// written. Bytes that change meanwhile may tear.
    #[inline]
    pub fn copy_to(&self, offset: u64, target: &mut [u8]) {
        let whole = target.len() & !7;
        let source = self.at(offset, target.len().next_multiple_of(8) as u64, 8);
        // SAFETY: `source` is valid for `whole` bytes and 8-aligned (`at`), `target` is as long.
        unsafe { copy::out_of_another_core(source, target.as_mut_ptr(), whole) };
        let rest = &mut target[whole..];
        if !rest.is_empty() {
            let last = self.load_relaxed(offset + whole as u64).to_le_bytes();
            rest.copy_from_slice(&last[..rest.len()]);
        }
    }

    /// Returns whether `offset` (8-aligned) has these bytes, and all of them are within the region. They are compared in
    /// place: if they change meanwhile the result is meaningless, and the caller validates afterwards.
    #[inline(always)]
    pub fn has_bytes(&self, offset: u64, bytes: &[u8]) -> bool {
        if !self.reaches(offset, bytes.len() as u64) || !offset.is_multiple_of(8) {
            return false;
        }
        #[cfg(all(target_arch = "x86_64", not(miri), not(feature = "word-copies")))]
        if bytes.len() >= copy::PAIR {
            // SAFETY: `reaches` checked that the region has this many bytes there.
            return unsafe { copy::is_same(self.span(offset, bytes.len()), bytes) };
        }
        // SAFETY: within the region (`reaches`), of which a last word is never cut off, and 8-aligned.
        unsafe { self.has_words(offset, bytes) }
    }

    /// Like `has_bytes`, word by word.
    ///
    /// # Safety
    /// All words that the bytes are in lie within the region, and `offset` is a multiple of 8.
    #[inline(always)]
    unsafe fn has_words(&self, offset: u64, bytes: &[u8]) -> bool {
        // SAFETY: the caller's promise.
        let words = unsafe { self.run(offset, bytes.len().div_ceil(8)) };
        let (whole, rest) = bytes.as_chunks::<8>();
        let same = |(word, bytes): (&AtomicU64, &[u8; 8])| {
            word.load(Ordering::Relaxed) == u64::from_le_bytes(*bytes)
        };
        if !words.iter().zip(whole).all(same) {
            return false;
        }
        match (words.last(), rest) {
            (_, []) | (None, _) => true,
            (Some(last), _) => {
                let present = u64::MAX >> (64 - 8 * rest.len());
                last.load(Ordering::Relaxed) & present == last_word(rest)
            }
        }
    }

    /// Writes `bytes` at `offset` (8-aligned), and pads the last word with zeros. Only for memory that no index word
    /// points at, because a death leaves it partly written.
    #[cfg_attr(feature = "crash-points", track_caller)]
    #[inline]
    pub fn copy_in(&self, offset: u64, bytes: &[u8]) {
        self.copy_in_both(offset, bytes, &[]);
    }

    /// Writes two byte ranges, the second directly after the first, as `copy_in` does.
    #[cfg_attr(feature = "crash-points", track_caller)]
    #[inline(always)]
    pub fn copy_in_both(&self, offset: u64, first: &[u8], second: &[u8]) {
        let words = (first.len() + second.len()).div_ceil(8);
        let mut target = self.at_to_store(offset, 8 * words as u64, 8);
        let mut put = |bytes: &[[u8; 8]]| {
            if !bytes.is_empty() && crash::allows_store(Ordering::Relaxed) {
                // SAFETY: in total no more is written than the words that `at_to_store` checked, and no more of `bytes`
                // is read than it has.
                unsafe { copy::into(bytes.as_flattened().as_ptr(), target, 8 * bytes.len()) };
            }
            target = target.wrapping_add(8 * bytes.len());
        };
        let (whole, rest) = first.as_chunks();
        put(whole);
        let mut second = second;
        if !rest.is_empty() {
            let lent;
            (lent, second) = second.split_at(second.len().min(8 - rest.len()));
            put(&[(last_word(rest) | last_word(lent) << (8 * rest.len())).to_le_bytes()]);
        }
        let (whole, rest) = second.as_chunks();
        put(whole);
        if !rest.is_empty() {
            put(&[last_word(rest).to_le_bytes()]);
        }
    }
}

/// Returns up to 7 bytes as the lower ones of a word. Without a call of `memcpy`, which takes as long as the rest.
#[inline(always)]
fn last_word(bytes: &[u8]) -> u64 {
    let count = bytes.len();
    debug_assert!(count < 8);
    let byte = |at: usize| u64::from(bytes[at]) << (8 * at);
    match bytes {
        [] => 0,
        // The ends overlap, and agree where they do.
        [a, b, c, d, ..] => {
            let [.., e, f, g, h] = bytes else { unreachable!("there are four at least") };
            let (low, high) = (u32::from_le_bytes([*a, *b, *c, *d]), u32::from_le_bytes([*e, *f, *g, *h]));
            u64::from(low) | u64::from(high) << (8 * (count - 4))
        }
        _ => byte(0) | byte(count / 2) | byte(count - 1),
    }
}
