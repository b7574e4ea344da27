//! Which units of a file have memory: a bit for each, after the last byte of the file's contents.
//!
//! The bits are in words of 64, from the lowest of each on. The record itself has memory from the beginning.

#![allow(unsafe_code, clippy::disallowed_types, reason = "accesses mapped words that other processes change")]

use crate::shm::Mapping;
use std::sync::atomic::{AtomicU64, Ordering};

/// What one bit stands for: a multiple of the page size of every system.
pub(super) const UNIT: u64 = 16 << 10;
const WORD: u64 = size_of::<u64>() as u64;

/// The place of a record in a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record {
    at: u64,
    units: u64,
}

impl Record {
    /// Returns the place of the record for contents of `len` bytes.
    pub(super) fn of(len: u64) -> Record {
        Record { at: len.checked_next_multiple_of(WORD).unwrap_or(len), units: len.div_ceil(UNIT) }
    }

    /// Returns its offset in the file.
    pub(super) fn at(self) -> u64 {
        self.at
    }

    /// Returns the offset of its end, where the file ends. No file is as long as the largest number.
    pub(super) fn end(self) -> u64 {
        self.at.saturating_add(self.units.div_ceil(u64::BITS.into()) * WORD)
    }

    /// Returns whether it counts all units that the bytes from `from` to `to` are in, which must be contents of the file.
    pub(super) fn has(self, mapping: &Mapping, from: u64, to: u64) -> bool {
        (from / UNIT..to.div_ceil(UNIT)).all(|unit| {
            let (word, bit) = self.bit(mapping, unit);
            // Acquire: pairs with the Release in `count`.
            word.load(Ordering::Acquire) & bit != 0
        })
    }

    /// Counts a unit. The mapping must be writable.
    pub(super) fn count(self, mapping: &Mapping, unit: u64) {
        let (word, bit) = self.bit(mapping, unit);
        // Release: pairs with the Acquire in `has`.
        word.fetch_or(bit, Ordering::Release);
    }

    fn bit(self, mapping: &Mapping, unit: u64) -> (&AtomicU64, u64) {
        let bits = u64::from(u64::BITS);
        (self.word(mapping, unit / bits), 1 << (unit % bits))
    }

    fn word(self, mapping: &Mapping, index: u64) -> &AtomicU64 {
        let at = self.at + index * WORD;
        assert!(at + WORD <= self.end() && self.end() <= mapping.len() as u64, "within the record");
        let word = mapping.base().wrapping_add(at as usize).cast();
        // SAFETY: the word is within the mapping, which starts at a page, so it is aligned, and which `mapping` keeps. Other
        // processes change it by atomics only; a read-only mapping is only loaded from.
        unsafe { AtomicU64::from_ptr(word) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_has_a_bit_for_each_unit_that_is_begun() {
        let record = Record::of(64 * UNIT);
        assert_eq!((record.at(), record.end()), (64 * UNIT, 64 * UNIT + 8));
        let record = Record::of(64 * UNIT + 1);
        assert_eq!((record.at(), record.end()), (64 * UNIT + 8, 64 * UNIT + 8 + 16));
    }
}
