//! The lock word of a shard: a 32-bit futex that names its owner.
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
/// Generations wrap here, and skip 0.
pub const MAX_GENERATION: u32 = (1 << (32 - GENERATION_SHIFT)) - 1;

/// A shard's lock word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockWord(pub u32);

impl LockWord {
    /// Nobody holds it.
    pub const FREE: LockWord = LockWord(0);

    /// Held by `who`, nobody waiting.
    #[inline]
    pub fn held_by(who: Participant) -> Self {
        LockWord(who.slot << SLOT_SHIFT | who.generation << GENERATION_SHIFT)
    }

    /// The same, with somebody asleep.
    #[inline]
    pub fn with_waiters(self) -> Self {
        LockWord(self.0 | WAITERS)
    }

    /// Somebody may be asleep: whoever unlocks wakes one.
    #[inline]
    pub fn has_waiters(self) -> bool {
        self.0 & WAITERS != 0
    }

    /// Who holds it.
    #[inline]
    pub fn owner(self) -> Participant {
        Participant { slot: self.0 >> SLOT_SHIFT & SLOT_MASK, generation: self.0 >> GENERATION_SHIFT }
    }
}
