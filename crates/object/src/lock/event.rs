//! A word to sleep on until something came, or went.
//!
//! ```text
//! 31       30      0
//! | asleep |  rings |
//! ```
//! Who sleeps sets `asleep`, looks once more whether he must, and sleeps while the word stays. Who changed
//! something looks at the word, and only if somebody is asleep clears that, counts, and wakes all. A full
//! fence on both sides makes sure that one of them sees the other. Who dies before he wakes them costs
//! the sleepers one slice, see [`crate::waiter`].

#![expect(clippy::disallowed_methods, reason = "the full fence between waiter and notifier")]

use crate::region::Region;
use crate::sync::{Ordering, fence};
use shmkit_os as os;

const ASLEEP: u32 = 1 << 31;
/// Tries to set `asleep`, before the change that is made so often is taken for a ring.
const MOST_TRIES: u32 = 100;

/// A bell at an offset.
#[derive(Debug, Clone, Copy)]
pub struct Bell<'a> {
    /// Where it lies.
    pub region: &'a Region,
    /// The word's offset.
    pub at: u64,
}

impl Bell<'_> {
    /// Wakes who sleeps. Call it after the change.
    #[inline]
    pub fn ring(self) {
        fence(Ordering::SeqCst);
        let seen = self.region.load32(self.at);
        if seen & ASLEEP != 0 {
            self.wake(seen);
        }
    }

    #[cold]
    fn wake(self, seen: u32) {
        // If it is not `seen` any more, somebody else rang after our change.
        if self.region.swap_if32(self.at, seen, seen.wrapping_add(1) & !ASLEEP).is_ok() {
            os::futex::wake(self.region.futex(self.at), u32::MAX);
        }
    }

    /// Says that somebody is about to sleep, and while the word has which value. Look again before sleeping.
    pub fn announce(self) -> u32 {
        let mut seen = self.region.load32(self.at);
        for _ in 0..MOST_TRIES {
            if seen & ASLEEP != 0 {
                break;
            }
            match self.region.swap_if32(self.at, seen, seen | ASLEEP) {
                Ok(()) => seen |= ASLEEP,
                Err(now) => seen = now,
            }
        }
        fence(Ordering::SeqCst);
        seen
    }
}
