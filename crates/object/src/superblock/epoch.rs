//! The epoch word, which `clear` advances and a replacement marks.

use super::RETIRED;

/// The epoch word: RETIRED and the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EpochWord(pub u64);

impl EpochWord {
    /// Returns whether the object was replaced.
    #[inline]
    pub fn is_retired(self) -> bool {
        self.0 & RETIRED != 0
    }

    /// Returns the word that marks the object as replaced. Both halves change in one store, because a local cache reads
    /// only the lower one.
    pub fn retired(self) -> EpochWord {
        let low = (self.0 as u32).wrapping_add(1);
        EpochWord(self.0 >> 32 << 32 | u64::from(low) | RETIRED)
    }

    /// Returns the epoch, which `clear` increments.
    #[inline]
    pub fn epoch(self) -> u64 {
        self.0 & !RETIRED
    }

    /// Returns whether a shard's live word counts entries of this epoch.
    #[inline]
    pub fn is_epoch_of(self, live: u64) -> bool {
        live >> 32 == self.epoch() & 0xFFFF_FFFF
    }

    /// Returns the part of the epoch that entries store.
    #[inline]
    pub fn tag(self) -> u16 {
        self.0 as u16
    }
}
