//! A held lock, with whatever its previous owner left inside completed.
//!
//! [`Guard`] is the only way to lock data that a process may die in the middle of changing. It asks the data whether
//! the previous owner finished, and completes the change if not, so that no kind of object can forget a step.

use super::word::LockWord;
use super::{Lockable, load, lock, take_over_from_previous, try_lock, unlock, unlock_unwanted};
use crate::error::Result;
use std::time::Duration;

/// Data under a lock whose owner may die in the middle of a change.
pub trait Recover: Lockable {
    /// Returns whether the last owner left a change unfinished. One or two loads.
    fn is_dirty(&self) -> bool;

    /// Completes or undoes the unfinished change. The caller holds the lock, and may itself be killed
    /// at any store: the next owner then finds the data dirty, and does it again.
    ///
    /// # Errors
    /// System errors; the data stays dirty.
    fn finish(&self) -> Result<()>;
}

impl<T: Lockable> Lockable for &T {
    #[inline]
    fn membership(&self) -> &crate::membership::Membership {
        (**self).membership()
    }

    #[inline]
    fn lock_at(&self) -> u64 {
        (**self).lock_at()
    }

    fn progress(&self) -> u64 {
        (**self).progress()
    }

    fn note_wait(&self) {
        (**self).note_wait();
    }

    fn note_damage(&self) {
        (**self).note_damage();
    }

    fn note_taken_over(&self) {
        (**self).note_taken_over();
    }

    #[inline(always)]
    fn before_unlock(&self) -> u32 {
        (**self).before_unlock()
    }

    #[inline(always)]
    fn after_unlock(&self, noted: u32) {
        (**self).after_unlock(noted);
    }
}

impl<T: Recover> Recover for &T {
    #[inline]
    fn is_dirty(&self) -> bool {
        (**self).is_dirty()
    }

    fn finish(&self) -> Result<()> {
        (**self).finish()
    }
}

/// A held lock. Dropping it unlocks, also while a panic unwinds: an unfinished change is then left for
/// the next owner to complete, as after a death.
#[derive(Debug)]
pub struct Guard<T: Recover>(T);

impl<T: Recover> Guard<T> {
    /// Acquires the lock, and completes what its last owner left unfinished.
    ///
    /// # Errors
    /// [`crate::error::Error::LockTimeout`] if a live owner makes no progress for `timeout`; those of
    /// [`Recover::finish`].
    // Always inlined: the guard of a shard is several words, which would go through memory.
    #[inline(always)]
    pub fn acquire(data: T, timeout: Duration) -> Result<Self> {
        lock(&data, timeout)?;
        Guard(data).recovered()
    }

    /// Acquires the lock without sleeping: if it is free, or its owner is dead. `None` if a live
    /// participant holds it.
    ///
    /// # Errors
    /// Those of [`Recover::finish`].
    pub fn try_acquire(data: T) -> Result<Option<Self>> {
        if try_lock(&data) { Guard(data).recovered().map(Some) } else { Ok(None) }
    }

    /// Acquires the lock if its word names a previous owner of this participant's slot: for registration.
    ///
    /// # Errors
    /// Those of [`Recover::finish`].
    pub fn recover_previous_owner(data: T) -> Result<Option<Self>> {
        if take_over_from_previous(&data) { Guard(data).recovered().map(Some) } else { Ok(None) }
    }

    /// Unlocks, and wakes those that wait. Out of line: a caller inlines only the unlocking of a lock that no other
    /// participant wants.
    #[cold]
    #[inline(never)]
    fn unlock_wanted(&self, noted: u32) {
        unlock(&self.0);
        self.0.after_unlock(noted);
    }

    // From here on the guard unlocks in every case.
    #[inline(always)]
    fn recovered(self) -> Result<Self> {
        if self.0.is_dirty() {
            self.0.finish()?;
        }
        Ok(self)
    }
}

impl<T: Recover> std::ops::Deref for Guard<T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Recover> Drop for Guard<T> {
    #[inline(always)]
    fn drop(&mut self) {
        let noted = self.0.before_unlock();
        if noted != 0 || !unlock_unwanted(&self.0) {
            self.unlock_wanted(noted);
        }
    }
}

/// Returns whether an owner died while it held the lock: the lock word names a dead participant, or the lock is free
/// over an unfinished change. One load, and a system call if the lock is held.
pub fn is_abandoned(data: &impl Recover) -> bool {
    match load(data) {
        LockWord::FREE => data.is_dirty(),
        held => data.membership().is_dead(held.owner()),
    }
}
