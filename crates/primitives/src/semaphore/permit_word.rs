//! A semaphore's word.
//!
//! ```text
//! 31        30        0
//! | waiters |  permits |
//! ```

const WAITERS: u32 = 1 << 31;
/// Most permits.
pub const MOST: u32 = WAITERS - 1;

/// Permits, and whether somebody may be asleep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word(pub u32);

impl Word {
    /// How many permits.
    pub fn permits(self) -> u32 {
        self.0 & MOST
    }

    /// Somebody may be asleep: whoever releases wakes everybody.
    pub fn has_waiters(self) -> bool {
        self.0 & WAITERS != 0
    }

    /// The same, with somebody asleep.
    pub fn with_waiters(self) -> Word {
        Word(self.0 | WAITERS)
    }

    /// The same, with nobody asleep.
    pub fn without_waiters(self) -> Word {
        Word(self.permits())
    }

    /// With so many permits, and the same sleepers.
    pub fn with_permits(self, permits: u32) -> Word {
        Word(self.0 & WAITERS | permits & MOST)
    }

    /// With `n` permits less; `None` if there are not as many. Who sleeps goes on sleeping.
    pub fn less(self, n: u32) -> Option<Word> {
        (n <= self.permits()).then(|| Word(self.0 - n))
    }

    /// With `n` permits more, and nobody asleep: they are woken. `None` if that were too many.
    pub fn more(self, n: u32) -> Option<Word> {
        self.permits().checked_add(n).filter(|permits| *permits <= MOST).map(Word)
    }
}
