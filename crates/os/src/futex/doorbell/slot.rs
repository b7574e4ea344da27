//! The slots of a table: their bytes, and the ones that this process holds.

use super::event::Event;
use crate::range_lock::RangeLock;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64};

/// States of a slot.
pub(super) const AWAKE: u32 = 0;
pub(super) const ASLEEP: u32 = 1;
/// A waker has chosen it, and sets its event.
pub(super) const WOKEN: u32 = 2;

/// A slot, as it lies in the table: a cache line.
#[derive(Debug, Default)]
#[repr(C, align(64))]
pub(super) struct Slot {
    pub state: AtomicU32,
    /// Counts its owners.
    pub generation: AtomicU32,
    /// The word that its thread sleeps on; 0: one of those in `mask`.
    pub key: AtomicU64,
    /// A bit for each word that its thread sleeps on. Different words may have the same bit.
    pub mask: AtomicU64,
}

/// What a thread sleeps on.
#[derive(Debug, Clone, Copy)]
pub(super) struct SleepsOn {
    pub key: u64,
    pub mask: u64,
}

impl SleepsOn {
    /// Returns the form of these keys for a slot.
    pub(super) fn these(keys: &[u64]) -> SleepsOn {
        let key = if let [key] = keys { *key } else { 0 };
        SleepsOn { key, mask: keys.iter().fold(0, |mask, key| mask | bit(*key)) }
    }
}

/// Returns the bit of a key.
pub(super) fn bit(key: u64) -> u64 {
    1 << (key >> 58)
}

/// A slot that this process holds, for one thread at a time.
#[derive(Debug)]
pub(super) struct OwnSlot {
    pub index: u32,
    pub event: Arc<Event>,
    /// Tells other processes that the slot is taken; a table of one process needs none.
    pub _lock: Option<RangeLock>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_key_is_stored_whole_and_several_as_bits() {
        let one = SleepsOn::these(&[7 << 58 | 5]);
        assert_eq!((one.key, one.mask), (7 << 58 | 5, 1 << 7));
        let two = SleepsOn::these(&[7 << 58, 63 << 58]);
        assert_eq!((two.key, two.mask), (0, 1 << 7 | 1 << 63));
    }
}
