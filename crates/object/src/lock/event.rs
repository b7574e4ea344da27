//! Eventcounts: words on which waiters sleep until something changes.
//!
//! ```text
//! 31        30       0
//! | waiters |  count |
//! ```
//! A waiter sets `waiters`, checks its condition again, and sleeps while the word is unchanged. A process that changed
//! something checks the word: only if `waiters` is set does it clear the bit, count up, and wake all. A full
//! fence on both sides ensures that one of the two sees the other's store. If the notifier dies before it wakes them,
//! waiters wake after one slice, see [`crate::waiter`].

#![expect(clippy::disallowed_methods, reason = "the full fence between waiter and notifier")]

use crate::region::Region;
use crate::sync::{Ordering, fence};
use shmkit_os as os;

const WAITERS: u32 = 1 << 31;
/// How often setting `waiters` may fail. A word that changes more often than this counts as notified.
const MOST_ATTEMPTS: u32 = 100;

/// An eventcount at an offset.
#[derive(Debug, Clone, Copy)]
pub struct EventCount<'a> {
    /// The memory it is in.
    pub region: &'a Region,
    /// Its offset.
    pub at: u64,
}

impl EventCount<'_> {
    /// Wakes all waiters. Call it after the change.
    #[inline]
    pub fn notify(self) {
        fence(Ordering::SeqCst);
        let seen = self.region.load32(self.at);
        if seen & WAITERS != 0 {
            self.wake(seen);
        }
    }

    #[cold]
    fn wake(self, seen: u32) {
        // If the word is not `seen` any more, another process notified after our change.
        if self.region.swap_if32(self.at, seen, seen.wrapping_add(1) & !WAITERS).is_ok() {
            os::futex::wake(self.region.futex(self.at), u32::MAX);
        }
    }

    /// Sets `waiters` and returns the word, to sleep on while it has this value. Check the condition again in between.
    pub fn prepare_wait(self) -> u32 {
        let mut seen = self.region.load32(self.at);
        for _ in 0..MOST_ATTEMPTS {
            if seen & WAITERS != 0 {
                break;
            }
            match self.region.swap_if32(self.at, seen, seen | WAITERS) {
                Ok(()) => seen |= WAITERS,
                Err(now) => seen = now,
            }
        }
        fence(Ordering::SeqCst);
        seen
    }
}
