//! Runs of bytes: keys and values.

use super::{Region, copy};
use crate::sync::Ordering;

impl Region {
    /// Appends `len` bytes from `offset` (8-aligned) to `out`. Bytes that change meanwhile may tear;
    /// the caller validates afterwards.
    #[inline]
    pub fn copy_out(&self, offset: u64, len: usize, out: &mut Vec<u8>) {
        let padded = len.next_multiple_of(8);
        let source = self.at(offset, padded as u64, 8);
        out.reserve(padded);
        let end = out.len();
        // SAFETY: `reserve` made room for `padded` bytes behind `end`.
        let target = unsafe { out.as_mut_ptr().add(end) };
        // SAFETY: `source` is valid for `padded` bytes and 8-aligned (`at`), `target` has room for them.
        unsafe { copy::out(source, target, padded) };
        // SAFETY: `copy::out` initialised the bytes up to `end + padded`, and `len <= padded`.
        unsafe { out.set_len(end + len) };
    }

    /// Where `len` bytes from `offset` are.
    #[inline]
    pub fn span(&self, offset: u64, len: usize) -> *const u8 {
        self.at(offset, len as u64, 1)
    }

    /// Copies `len` bytes from any `offset`. Bytes that change meanwhile may tear; the caller validates
    /// afterwards.
    ///
    /// # Safety
    /// `target` must be private memory valid for writes of `len` bytes.
    pub unsafe fn copy_bytes(&self, offset: u64, len: usize, target: *mut u8) {
        let source = self.span(offset, len);
        // SAFETY: `source` is valid for `len` bytes (`span`), `target` by the caller's promise.
        unsafe { copy::unaligned(source, target, len) };
    }

    /// As `copy_bytes`, to the end of `out`.
    pub fn append_bytes(&self, offset: u64, len: usize, out: &mut Vec<u8>) {
        out.reserve(len);
        let end = out.len();
        // SAFETY: `reserve` made room for `len` bytes behind `end`.
        let target = unsafe { out.as_mut_ptr().add(end) };
        // SAFETY: there is room for `len` bytes.
        unsafe { self.copy_bytes(offset, len, target) };
        // SAFETY: `copy_bytes` initialised them.
        unsafe { out.set_len(end + len) };
    }

    /// Fills `target` with the bytes from `offset` (8-aligned) on, which another core has most likely just
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

    /// True if `bytes` stand at `offset` (8-aligned). They are compared where they are, word by word: if
    /// they change meanwhile the answer is of no use, and the caller finds out afterwards.
    #[inline]
    pub fn has_bytes(&self, offset: u64, bytes: &[u8]) -> bool {
        let (words, rest) = bytes.as_chunks::<8>();
        self.at(offset, bytes.len().next_multiple_of(8) as u64, 8);
        let at = |index: usize| self.load_relaxed(offset + index as u64 * 8);
        let same = words.iter().enumerate().all(|(index, word)| at(index) == u64::from_le_bytes(*word));
        if !same || rest.is_empty() {
            return same;
        }
        &at(words.len()).to_le_bytes()[..rest.len()] == rest
    }

    /// Writes `bytes` at `offset` (8-aligned); the last word is filled up with zeros. Only for memory
    /// that no index word points at: a death leaves it half written.
    #[cfg_attr(test, track_caller)]
    #[inline]
    pub fn copy_in(&self, offset: u64, bytes: &[u8]) {
        let whole = bytes.len() & !7;
        let target = self.at(offset, whole as u64, 8);
        if whole > 0 && self.may_store(Ordering::Relaxed) {
            // SAFETY: `target` is valid for `whole` bytes and 8-aligned; `bytes` has at least as many.
            unsafe { copy::into(bytes.as_ptr(), target, whole) };
        }
        if whole < bytes.len() {
            let mut last = [0; 8];
            last[..bytes.len() - whole].copy_from_slice(&bytes[whole..]);
            self.store(offset + whole as u64, u64::from_le_bytes(last));
        }
    }
}
