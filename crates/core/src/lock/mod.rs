//! A shard's lock: a futex word that names its owner, taken over only from the dead.
//!
//! States: free -> held -> held + waiters -> free. A waiter sleeps in slices, so a lost wake-up costs
//! one slice at most. After a slice it asks whether the owner is dead; if so it swaps the word for its
//! own, so that just one waiter takes over. Whoever acquires a lock whose intent record is armed
//! recovers the shard first: that is the only trigger of recovery, so it also covers the death of a
//! recoverer. `docs/locking.md` has the model.

pub mod word;

use crate::error::{Error, Result};
use crate::layout::shard;
use crate::layout::superblock::EpochWord;
use crate::recovery;
use crate::segment::Segment;
use crate::shard::Shard;
use shmkit_os as os;
use std::time::Duration;
use word::LockWord;

/// Looks at the word before going to sleep: about 2 us, twice the time of a short write.
const SPINS: u32 = 60;
/// The first sleep; each further one is twice as long, up to `LONGEST_SLICE`.
const FIRST_SLICE: Duration = Duration::from_micros(if cfg!(test) { 20 } else { 1000 });
/// A dead owner is noticed, and a lost wake-up healed, after this time at the latest.
const LONGEST_SLICE: Duration = Duration::from_millis(50);

/// A held lock of a shard. Dropping it unlocks, also while a panic unwinds: an armed intent is then
/// left for the next owner to recover, as after a death.
#[derive(Debug)]
pub struct Guard<'a> {
    shard: Shard<'a>,
    epoch: EpochWord,
}

impl<'a> std::ops::Deref for Guard<'a> {
    type Target = Shard<'a>;
    fn deref(&self) -> &Shard<'a> {
        &self.shard
    }
}

impl<'a> Guard<'a> {
    /// Locks a shard, recovering it first if its last owner died or panicked inside.
    ///
    /// # Errors
    /// [`Error::LockTimeout`] if a living owner makes no progress for `timeout`; [`Error::Retired`];
    /// [`Error::ReadOnly`]; [`Error::Corrupt`].
    #[inline]
    pub fn acquire(segment: &'a Segment, id: u32, timeout: Duration) -> Result<Guard<'a>> {
        segment.check_writable()?;
        let shard = Shard::new(segment, id);
        let mine = LockWord::held_by(segment.me);
        if shard.swap_if32(shard::LOCK, LockWord::FREE.0, mine.0).is_err() {
            contend(&shard, mine, timeout)?;
        }
        // From here on the guard unlocks, whatever happens.
        let mut guard = Guard { shard, epoch: EpochWord(0) };
        if recovery::is_needed(&guard.shard) {
            recovery::recover(&guard.shard);
        }
        guard.epoch = segment.live_epoch()?;
        Ok(guard)
    }

    /// The epoch as read once, after locking.
    #[inline]
    pub fn epoch(&self) -> EpochWord {
        self.epoch
    }
}

impl Drop for Guard<'_> {
    #[inline]
    fn drop(&mut self) {
        release(&self.shard, LockWord::held_by(self.shard.segment.me));
    }
}

/// Unlocks by compare-and-swap, so that an owner whose lock was taken over cannot release another's.
/// `seen` is what the word is most likely to be.
fn release(shard: &Shard<'_>, mut seen: LockWord) {
    let mine = LockWord::held_by(shard.segment.me);
    loop {
        match shard.swap_if32(shard::LOCK, seen.0, LockWord::FREE.0) {
            Ok(()) => break,
            Err(now) if LockWord(now) == mine.with_waiters() => seen = LockWord(now),
            Err(_) => return shard.segment.fence_off(),
        }
    }
    if seen.has_waiters() {
        os::futex::wake(shard.segment.region.futex(shard.at + shard::LOCK), 1);
    }
}

/// What a waiter takes as a sign of life of the lock: who holds it, and how far the shard has come.
type Progress = (u32, u64);

fn progress(shard: &Shard<'_>, seen: LockWord) -> Progress {
    (seen.with_waiters().0, shard.load(shard::SEQUENCE))
}

#[cold]
fn contend(shard: &Shard<'_>, mine: LockWord, timeout: Duration) -> Result<()> {
    for _ in 0..SPINS {
        if shard.load32(shard::LOCK) == LockWord::FREE.0
            && shard.swap_if32(shard::LOCK, LockWord::FREE.0, mine.0).is_ok()
        {
            return Ok(());
        }
        std::hint::spin_loop();
    }
    shard.segment.count_lock_wait();
    let mut slice = FIRST_SLICE;
    let mut waited = Duration::ZERO;
    let mut last: Option<Progress> = None;
    loop {
        let seen = LockWord(shard.load32(shard::LOCK));
        if seen == LockWord::FREE {
            // We slept, so others may still: keep the flag, or the last of them is never woken.
            if shard.swap_if32(shard::LOCK, seen.0, mine.with_waiters().0).is_ok() {
                return Ok(());
            }
            continue;
        }
        let flagged = seen.with_waiters();
        if seen != flagged && shard.swap_if32(shard::LOCK, seen.0, flagged.0).is_err() {
            continue;
        }
        let slept = sleep(shard, flagged, slice);
        if slept >= slice {
            if take_over_from_dead(shard, flagged, mine) {
                return Ok(());
            }
            slice = (slice * 2).min(LONGEST_SLICE);
        }
        let current = progress(shard, LockWord(shard.load32(shard::LOCK)));
        if last != Some(current) {
            last = Some(current);
            waited = Duration::ZERO;
            continue;
        }
        // If it was us who were stopped, that is not the owner's fault.
        waited += slept.min(2 * slice);
        if waited >= timeout {
            let pid = shard.segment.pid_of(flagged.owner().slot);
            return Err(Error::LockTimeout { pid, waited_ms: waited.as_millis() as u64 });
        }
    }
}

/// Sleeps until the word changes, for a slice at most; how long it was. Time that the machine was
/// suspended does not count.
fn sleep(shard: &Shard<'_>, word: LockWord, slice: Duration) -> Duration {
    let before = os::clock::monotonic_ns();
    os::futex::wait(shard.segment.region.futex(shard.at + shard::LOCK), word.0, slice);
    Duration::from_nanos(os::clock::monotonic_ns() - before)
}

/// True if the owner is proven dead and the lock is ours now.
fn take_over_from_dead(shard: &Shard<'_>, seen: LockWord, mine: LockWord) -> bool {
    if !shard.segment.is_dead(seen.owner()) {
        return false;
    }
    let taken = shard.swap_if32(shard::LOCK, seen.0, mine.with_waiters().0).is_ok();
    if taken && seen.owner().slot == 0 {
        // Nobody ever writes such a word: the memory was damaged.
        shard.store32(shard::STATE, shard::STATE_REBUILD);
    }
    if taken && !recovery::is_needed(shard) {
        // It died between two operations' stores: the lock is all there is to recover.
        shard.segment.count_recovery();
    }
    taken
}

/// Takes over and recovers every shard whose lock word names an earlier owner of our slot, by the same
/// compare-and-swap as any waiter, so that just one of them and us does it.
pub fn take_over_slot(segment: &Segment) {
    let mine = LockWord::held_by(segment.me);
    for id in 0..segment.geometry.shards {
        let shard = Shard::new(segment, id);
        let seen = LockWord(shard.load32(shard::LOCK));
        let earlier = seen.owner().slot == segment.me.slot && seen.owner() != segment.me;
        if earlier && take_over_from_dead(&shard, seen, mine) {
            if recovery::is_needed(&shard) {
                recovery::recover(&shard);
            }
            release(&shard, mine.with_waiters());
        }
    }
}
