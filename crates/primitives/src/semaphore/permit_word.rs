//! A semaphore's word.
//!
//! ```text
//! 31        30        0
//! | waiters |  permits |
//! ```

const WAITERS: u32 = 1 << 31;
/// Largest number of permits.
pub(super) const MAX_PERMITS: u32 = WAITERS - 1;

/// The permits, and whether a waiter may be asleep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PermitWord(pub u32);

impl PermitWord {
    /// Returns the number of permits.
    pub(super) fn permits(self) -> u32 {
        self.0 & MAX_PERMITS
    }

    /// Returns whether a waiter may be asleep: a release then wakes all waiters.
    pub(super) fn has_waiters(self) -> bool {
        self.0 & WAITERS != 0
    }

    /// Returns the same permits, with the waiters bit set.
    pub(super) fn with_waiters(self) -> PermitWord {
        PermitWord(self.0 | WAITERS)
    }

    /// Returns the same permits, with the waiters bit clear.
    pub(super) fn without_waiters(self) -> PermitWord {
        PermitWord(self.permits())
    }

    /// Returns this number of permits, with the same waiters bit.
    pub(super) fn with_permits(self, permits: u32) -> PermitWord {
        PermitWord(self.0 & WAITERS | permits & MAX_PERMITS)
    }

    /// Returns `n` permits less, with the same waiters bit; `None` if there are fewer.
    pub(super) fn minus(self, n: u32) -> Option<PermitWord> {
        (n <= self.permits()).then(|| PermitWord(self.0 - n))
    }

    /// Returns `n` permits more, with the waiters bit clear: the caller wakes them. `None` if there were too many.
    pub(super) fn plus(self, n: u32) -> Option<PermitWord> {
        self.permits().checked_add(n).filter(|permits| *permits <= MAX_PERMITS).map(PermitWord)
    }
}
