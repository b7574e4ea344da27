//! Acquiring, releasing and taking over a lock word, regardless of what it protects.
//!
//! A caller that gets a word from [`lock`], [`try_lock`] or [`take_over_from_previous`] must check whether there is
//! something to recover, because the last owner may have died. [`Guard`] does.

pub mod event;
mod guard;
mod total_wait;
pub mod word;

pub use guard::{Guard, Recover, is_abandoned};

use crate::error::{Error, Result};
use crate::membership::Membership;
use shmkit_os as os;
use std::time::Duration;
use total_wait::TotalWait;
use word::LockWord;

/// How often the word is read before sleeping: about 2 us, twice the time of a short write.
const SPINS: u32 = if cfg!(loom) { 0 } else { 60 };
/// The first sleep. Each further one is twice as long, up to `LONGEST_SLICE`.
const FIRST_SLICE: Duration = Duration::from_micros(if cfg!(feature = "crash-points") { 20 } else { 1000 });
/// The longest time before a dead owner is detected, or a lost wake-up made up for.
const LONGEST_SLICE: Duration = Duration::from_millis(50);

/// Data with a lock word.
pub trait Lockable {
    /// Returns the attachment to the file that it is in.
    fn membership(&self) -> &Membership;

    /// Returns the offset of its lock word.
    fn lock_at(&self) -> u64;

    /// Returns a number that changes while its owners make progress.
    fn progress(&self) -> u64;

    /// Called when a caller has to wait, for statistics.
    fn note_wait(&self) {}

    /// Called when the lock was acquired from a word that no participant ever writes: the memory was damaged.
    fn note_damage(&self) {}

    /// Called when the lock was taken over from a dead owner.
    fn note_taken_over(&self) {}

    /// Called before the lock is released. Returns what `after_unlock` is to do; 0 for nothing.
    #[inline(always)]
    fn before_unlock(&self) -> u32 {
        0
    }

    /// Called after the lock was released, with what `before_unlock` returned.
    #[inline(always)]
    fn after_unlock(&self, _noted: u32) {}
}

fn load(it: &impl Lockable) -> LockWord {
    LockWord(it.membership().region.load32(it.lock_at()))
}

fn swap(it: &impl Lockable, seen: LockWord, new: LockWord) -> std::result::Result<(), LockWord> {
    it.membership().region.swap_if32(it.lock_at(), seen.0, new.0).map_err(LockWord)
}

/// Acquires the lock.
///
/// # Errors
/// [`Error::LockTimeout`] if a live owner makes no progress for `timeout`; [`Error::LockStarved`] after ten times as long.
#[inline]
pub(crate) fn lock(it: &impl Lockable, timeout: Duration) -> Result<()> {
    let mine = LockWord::held_by(it.membership().me);
    if swap(it, LockWord::FREE, mine).is_err() {
        contend(it, mine, timeout)?;
    }
    Ok(())
}

/// Acquires the lock without sleeping: spins briefly, and takes over from a dead owner. Returns false if a live
/// participant holds it.
pub(crate) fn try_lock(it: &impl Lockable) -> bool {
    let mine = LockWord::held_by(it.membership().me);
    if swap(it, LockWord::FREE, mine).is_ok() || spin(it, mine) {
        return true;
    }
    let seen = load(it);
    seen != LockWord::FREE && take_over_from_dead(it, seen, mine)
}

/// Sets the waiters bit and returns the word to sleep on; `None` if it is worth trying to acquire the lock now: it is
/// free or, with `check_owners`, its owner is dead.
pub fn prepare_wait(it: &impl Lockable, check_owners: bool) -> Option<LockWord> {
    let seen = load(it);
    if seen == LockWord::FREE {
        // An unlock wakes only one waiter, and this one does not acquire the lock here: wake the next one too.
        wake(it);
        return None;
    }
    let flagged = seen.with_waiters();
    let is_flagged = seen == flagged || swap(it, seen, flagged).is_ok();
    let is_held = is_flagged && !(check_owners && it.membership().is_dead(seen.owner()));
    is_held.then_some(flagged)
}

/// Returns whether the lock is held.
pub fn is_locked(it: &impl Lockable) -> bool {
    load(it) != LockWord::FREE
}

fn wake(it: &impl Lockable) {
    os::futex::wake(it.membership().region.futex(it.lock_at()), 1);
}

fn spin(it: &impl Lockable, mine: LockWord) -> bool {
    (0..SPINS).any(|_| {
        crate::sync::spin_loop();
        load(it) == LockWord::FREE && swap(it, LockWord::FREE, mine).is_ok()
    })
}

/// Unlocks by compare-and-swap, so that an owner whose lock was taken over cannot release another's.
#[inline]
pub fn unlock(it: &impl Lockable) {
    let mine = LockWord::held_by(it.membership().me);
    let mut seen = mine;
    loop {
        match swap(it, seen, LockWord::FREE) {
            Ok(()) => break,
            Err(now) if now == mine.with_waiters() => seen = now,
            Err(_) => return it.membership().fence_off(),
        }
    }
    if seen.has_waiters() {
        wake(it);
    }
}

/// Releases a lock that no participant waits for. Returns false, with nothing done, if the word says anything else.
#[inline(always)]
fn unlock_unwanted(it: &impl Lockable) -> bool {
    swap(it, LockWord::held_by(it.membership().me), LockWord::FREE).is_ok()
}

/// What a waiter counts as progress: another owner, or another value of `Lockable::progress`.
type Progress = (u32, u64);

fn progress(it: &impl Lockable, seen: LockWord) -> Progress {
    (seen.with_waiters().0, it.progress())
}

#[cold]
fn contend(it: &impl Lockable, mine: LockWord, timeout: Duration) -> Result<()> {
    if spin(it, mine) {
        return Ok(());
    }
    it.note_wait();
    let mut slice = FIRST_SLICE;
    let mut waited = Duration::ZERO;
    let mut total = TotalWait::start(timeout);
    let mut last: Option<Progress> = None;
    loop {
        let seen = load(it);
        total.check(slice, || it.membership().pid_of(seen.owner().slot))?;
        if seen == LockWord::FREE {
            // Other waiters may still sleep: keep the waiters bit, or the last of them is never woken.
            if swap(it, seen, mine.with_waiters()).is_ok() {
                return Ok(());
            }
            continue;
        }
        let flagged = seen.with_waiters();
        if seen != flagged && swap(it, seen, flagged).is_err() {
            continue;
        }
        let slept = sleep(it, flagged, slice);
        if slept >= slice {
            if take_over_from_dead(it, flagged, mine) {
                return Ok(());
            }
            slice = (slice * 2).min(LONGEST_SLICE);
        }
        let current = progress(it, load(it));
        if last != Some(current) {
            last = Some(current);
            waited = Duration::ZERO;
            continue;
        }
        // If this process was stopped, that is not the owner's fault.
        waited += slept.min(2 * slice);
        if waited >= timeout {
            let pid = it.membership().pid_of(flagged.owner().slot);
            return Err(Error::LockTimeout { pid, waited_ms: waited.as_millis() as u64 });
        }
    }
}

/// Sleeps until the word changes, at most for a slice; returns for how long. Time in which the machine was
/// suspended does not count.
fn sleep(it: &impl Lockable, word: LockWord, slice: Duration) -> Duration {
    let before = os::clock::monotonic_ns();
    os::futex::wait(it.membership().region.futex(it.lock_at()), word.0, slice);
    Duration::from_nanos(os::clock::monotonic_ns() - before)
}

/// Takes the lock over if its owner is proven dead; returns whether this participant holds it now.
fn take_over_from_dead(it: &impl Lockable, seen: LockWord, mine: LockWord) -> bool {
    if !it.membership().is_dead(seen.owner()) {
        return false;
    }
    let taken = swap(it, seen, mine.with_waiters()).is_ok();
    if taken && seen.owner().slot == 0 {
        // No participant ever writes such a word: the memory was damaged.
        it.note_damage();
    }
    if taken {
        it.note_taken_over();
    }
    taken
}

/// Takes the lock over if its word names a previous owner of our slot; returns whether this participant holds it now.
/// Uses the same compare-and-swap as every waiter, so that only one of them succeeds.
pub fn take_over_from_previous(it: &impl Lockable) -> bool {
    let me = it.membership().me;
    let seen = load(it);
    let is_previous = seen.owner().slot == me.slot && seen.owner() != me;
    is_previous && take_over_from_dead(it, seen, LockWord::held_by(me))
}
