//! A shard's lock: a futex word that names its owner, taken over only from the dead.
//!
//! States: free -> held -> held + waiters -> free. A waiter sleeps in slices, so a lost wake-up costs at most one slice.
//! After a slice it checks whether the owner is dead; if so, it swaps the word for its own, so that exactly one waiter
//! takes over. A process that acquires a lock whose intent record is armed recovers the shard first. That is the only
//! trigger of recovery, so it also covers the death of a recovering process. `docs/locking.md` has the model.

use crate::layout::shard;
use crate::recovery;
use crate::segment::Segment;
use crate::shard::Shard;
use crate::structures;
use shmkit_object::error::Result;
use shmkit_object::lock::{self, Lockable, Recover};
use shmkit_object::membership::Membership;
use shmkit_object::superblock::EpochWord;
use std::time::Duration;

impl Lockable for Shard<'_> {
    #[inline]
    fn membership(&self) -> &Membership {
        &self.segment.membership
    }

    #[inline]
    fn lock_at(&self) -> u64 {
        self.at + shard::LOCK
    }

    fn progress(&self) -> u64 {
        self.load(shard::SEQUENCE)
    }

    fn note_wait(&self) {
        self.segment.count_lock_wait();
    }

    fn note_damage(&self) {
        self.store32(shard::STATE, shard::STATE_REBUILD);
    }

    #[inline(always)]
    fn before_unlock(&self) -> u32 {
        self.waking()
    }

    #[inline(always)]
    fn after_unlock(&self, noted: u32) {
        if noted != 0 {
            self.wake_after(noted);
        }
    }

    fn note_taken_over(&self) {
        self.tell_for_last_owner();
        if !recovery::is_needed(self) {
            // The owner died between two operations: only the lock has to be recovered.
            self.segment.count_recovery();
            self.end_kept_pins();
            if self.segment.wipe {
                self.wipe_free_blocks();
            }
        }
    }
}

impl Recover for Shard<'_> {
    #[inline]
    fn is_dirty(&self) -> bool {
        recovery::is_needed(self)
    }

    #[cold]
    fn finish(&self) -> Result<()> {
        self.segment.refresh_level(self.id, self.shape())?;
        recovery::recover(self);
        Ok(())
    }
}

/// A held lock of a shard, and the epoch as it was read once, after locking. Dropping it unlocks, also
/// while a panic unwinds.
#[derive(Debug)]
pub(crate) struct Guard<'a> {
    shard: lock::Guard<Shard<'a>>,
    epoch: EpochWord,
}

impl<'a> std::ops::Deref for Guard<'a> {
    type Target = Shard<'a>;

    #[inline(always)]
    fn deref(&self) -> &Shard<'a> {
        &self.shard
    }
}

impl<'a> Guard<'a> {
    /// Locks a shard, and recovers it first if its last owner died or panicked inside.
    ///
    /// # Errors
    /// [`shmkit_object::error::Error::LockTimeout`] if a living owner makes no progress for `timeout`;
    /// `Retired`; `ReadOnly`; `Corrupt`.
    // Always inlined: the guard is several words and would be passed through memory.
    #[inline(always)]
    pub(crate) fn acquire(segment: &'a Segment, id: u32, timeout: Duration) -> Result<Guard<'a>> {
        if segment.geometry.is_elastic() {
            return Guard::acquire_sized::<true>(segment, id, timeout);
        }
        Guard::acquire_sized::<false>(segment, id, timeout)
    }

    /// Like `acquire`, for callers that know whether the dictionary grows. If it does, this process learns the present level
    /// of the shard's index, on which the holder of the lock relies.
    ///
    /// # Errors
    /// Those of `acquire`.
    #[inline(always)]
    pub(crate) fn acquire_sized<const GROWS: bool>(
        segment: &'a Segment,
        id: u32,
        timeout: Duration,
    ) -> Result<Guard<'a>> {
        segment.check_writable()?;
        let shard = lock::Guard::acquire(Shard::new(segment, id), timeout)?;
        let epoch = segment.live_epoch()?;
        if GROWS && !segment.learn_level(id) {
            segment.refresh_level(id, shard.shape())?;
        }
        Ok(Guard { shard, epoch })
    }

    /// Returns the epoch as read once, after locking.
    #[inline]
    pub(crate) fn epoch(&self) -> EpochWord {
        self.epoch
    }
}

/// Recovers every shard whose lock word names an earlier owner of our slot.
pub(crate) fn recover_slot(segment: &Segment) {
    let _: Result<_> = lock::Guard::recover_previous_owner(segment.growth());
    for id in 0..segment.geometry.shards {
        // Recovering a shard makes no system call that could be refused.
        let _: Result<_> = lock::Guard::recover_previous_owner(Shard::new(segment, id));
    }
    structures::recover_slot(segment);
}
