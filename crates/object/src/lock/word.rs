//! The lock word: a 32-bit futex that names its owner.
//!
//! ```text
//! 31         11 10      1    0
//! | generation |  slot  | waiters |      0 = free
//! ```

use crate::membership::Participant;

const WAITERS: u32 = 1;
const SLOT_SHIFT: u32 = 1;
const GENERATION_SHIFT: u32 = 11;
const SLOT_MASK: u32 = (1 << (GENERATION_SHIFT - SLOT_SHIFT)) - 1;
/// The largest generation. The next one is 1.
pub(crate) const MAX_GENERATION: u32 = (1 << (32 - GENERATION_SHIFT)) - 1;

/// The value of a lock word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockWord(pub u32);

impl LockWord {
    /// Not held.
    pub const FREE: LockWord = LockWord(0);

    /// Returns the word of a lock that `owner` holds, without waiters.
    #[inline]
    pub fn held_by(owner: Participant) -> Self {
        LockWord(owner.slot << SLOT_SHIFT | owner.generation << GENERATION_SHIFT)
    }

    /// Returns the word with the waiters bit set.
    #[inline]
    pub fn with_waiters(self) -> Self {
        LockWord(self.0 | WAITERS)
    }

    /// Returns whether a waiter may be asleep, which the owner wakes when it unlocks.
    #[inline]
    pub fn has_waiters(self) -> bool {
        self.0 & WAITERS != 0
    }

    /// Returns the owner.
    #[inline]
    pub fn owner(self) -> Participant {
        Participant { slot: self.0 >> SLOT_SHIFT & SLOT_MASK, generation: self.0 >> GENERATION_SHIFT }
    }
}
