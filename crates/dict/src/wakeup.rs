//! Waking the callers that wait for a change of a shard, whatever the change.
//!
//! ```text
//! 31        30      1         0
//! | waiters |  count | watched |
//! ```
//! A waiter sets `waiters` under the shard's lock, looks at its key, and sleeps while the word is unchanged. A
//! participant that unlocks the shard loads the word before: if `waiters` is set, it clears the bit, counts up, and wakes
//! all. Because of the lock, either the waiter sees the change, or the participant that made it sees the bit, without any
//! fence; a shard without waiters costs its writers one load of a line that they have. If a participant dies before
//! it wakes them, the waiters' slice ends.
//!
//! `watched` makes writers tell their changes in the feed (see [`crate::feed`]). Watchers sleep on one word for all shards.

use crate::layout::shard::WATCHED;
use crate::segment::Segment;
use crate::shard::Shard;
use shmkit_object::error::Result;
use shmkit_object::lock::event::EventCount;
use shmkit_object::lock::{Guard, Lockable, Recover};
use shmkit_object::membership::Membership;
use shmkit_object::superblock::{BELL, SLEEPERS};
use shmkit_os as os;

const WAITERS: u32 = 1 << 31;
const ONE: u32 = 2;
const IS_WATCHED: u32 = 1;

impl Shard<'_> {
    /// Returns the word's bits that unlocking must act on; 0 if there are none.
    #[inline(always)]
    pub(crate) fn waking(&self) -> u32 {
        self.load32(WATCHED) & (WAITERS | IS_WATCHED)
    }

    /// Returns whether changes of this shard are told.
    #[inline(always)]
    pub(crate) fn is_watched(&self) -> bool {
        // Damage may set the bit where there is no feed.
        self.load32(WATCHED) & IS_WATCHED != 0 && self.segment.geometry.feed != 0
    }

    /// Makes writers tell changes of this shard, or not. The caller must hold the lock.
    pub(crate) fn set_watched(&self, is_watched: bool) {
        let (region, at) = (&self.segment.region, self.at + WATCHED);
        let bit = if is_watched { IS_WATCHED } else { 0 };
        let mut seen = region.load32(at);
        while seen & IS_WATCHED != bit
            && let Err(now) = region.swap_if32(at, seen, seen ^ IS_WATCHED)
        {
            seen = now;
        }
    }

    /// Does what `waking` returned: wakes the waiters of the shard, and those that watch the dictionary.
    #[inline(never)]
    pub(crate) fn wake_after(&self, waking: u32) {
        if waking & WAITERS != 0 {
            self.wake();
        }
        if waking & IS_WATCHED != 0 {
            bell(self.segment).notify();
        }
    }

    /// Wakes all waiters.
    #[cold]
    pub(crate) fn wake(&self) {
        let (region, at) = (&self.segment.region, self.at + WATCHED);
        let mut seen = region.load32(at);
        while seen & WAITERS != 0 {
            let next = seen.wrapping_add(ONE) & !WAITERS;
            match region.swap_if32(at, seen, next) {
                Ok(()) => {
                    os::futex::wake(region.futex(at), u32::MAX);
                    return;
                }
                Err(now) => seen = now,
            }
        }
    }

    /// Sets `waiters` and returns the word, to sleep on while it has this value. Look at the key again in between. If the
    /// lock is held, or this participant cannot write, the bit stays as it is: the waiter looks again after its slice.
    pub(crate) fn prepare_wait(&self) -> u32 {
        let (region, at) = (&self.segment.region, self.at + WATCHED);
        let seen = region.load32(at);
        if seen & WAITERS != 0 || self.segment.check_writable().is_err() {
            return seen;
        }
        let Ok(Some(_guard)) = Guard::try_acquire(Silent(*self)) else { return seen };
        let mut seen = region.load32(at);
        while let Err(now) = region.swap_if32(at, seen, seen | WAITERS) {
            seen = now;
        }
        region.hint32(SLEEPERS, 1);
        seen | WAITERS
    }
}

/// A shard whose lock is taken to set `waiters`: unlocking wakes no waiter.
struct Silent<'a>(Shard<'a>);

impl Lockable for Silent<'_> {
    fn membership(&self) -> &Membership {
        self.0.membership()
    }

    fn lock_at(&self) -> u64 {
        self.0.lock_at()
    }

    fn progress(&self) -> u64 {
        self.0.progress()
    }

    fn note_damage(&self) {
        self.0.note_damage();
    }

    fn note_taken_over(&self) {
        self.0.note_taken_over();
    }
}

impl Recover for Silent<'_> {
    fn is_dirty(&self) -> bool {
        self.0.is_dirty()
    }

    fn finish(&self) -> Result<()> {
        self.0.finish()
    }
}

/// Returns what watchers of the dictionary sleep on.
pub(crate) fn bell(segment: &Segment) -> EventCount<'_> {
    EventCount { region: &segment.region, at: BELL }
}

/// Wakes the waiters of all shards and the watchers, after a change that took no lock.
pub(crate) fn wake_all(segment: &Segment) {
    bell(segment).notify();
    // The swap of the epoch and the unlocking after `SLEEPERS` was set are full fences on x64. Elsewhere a waiter may be missed,
    // and looks again after its slice.
    if segment.region.load32(SLEEPERS) == 0 {
        return;
    }
    segment.region.hint32(SLEEPERS, 0);
    for id in 0..segment.geometry.shards {
        let shard = Shard::new(segment, id);
        if shard.waking() & WAITERS != 0 {
            shard.wake();
        }
    }
}
