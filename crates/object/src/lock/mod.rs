//! Taking, giving back and taking over a lock word, whatever it guards.
//!
//! Whoever gets a word from [`lock`] or [`take_over_from_earlier`] has to look whether there is something to
//! recover: its last owner may have died.

pub mod event;
mod guard;
pub mod word;

pub use guard::{Guard, Recover, is_abandoned};

use crate::error::{Error, Result};
use crate::membership::Membership;
use shmkit_os as os;
use std::time::Duration;
use word::LockWord;

/// Looks at the word before going to sleep: about 2 us, twice the time of a short write.
const SPINS: u32 = if cfg!(loom) { 0 } else { 60 };
/// The first sleep; each further one is twice as long, up to `LONGEST_SLICE`.
const FIRST_SLICE: Duration = Duration::from_micros(if cfg!(feature = "crash-points") { 20 } else { 1000 });
/// A dead owner is noticed, and a lost wake-up healed, after this time at the latest.
const LONGEST_SLICE: Duration = Duration::from_millis(50);

/// Something with a lock word.
pub trait Contended {
    /// The file it is in.
    fn membership(&self) -> &Membership;

    /// Offset of its lock word.
    fn lock_at(&self) -> u64;

    /// A number that changes while its owners get on: a sign of life of the lock.
    fn progress(&self) -> u64;

    /// Somebody has to wait: for statistics.
    fn note_wait(&self) {}

    /// The word is ours now and was what nobody ever writes: the memory was damaged.
    fn note_damage(&self) {}

    /// The word is ours now and was a dead owner's.
    fn note_taken_over(&self) {}
}

fn load(it: &impl Contended) -> LockWord {
    LockWord(it.membership().region.load32(it.lock_at()))
}

fn swap(it: &impl Contended, seen: LockWord, new: LockWord) -> std::result::Result<(), LockWord> {
    it.membership().region.swap_if32(it.lock_at(), seen.0, new.0).map_err(LockWord)
}

/// Takes the lock.
///
/// # Errors
/// [`Error::LockTimeout`] if a living owner makes no progress for `timeout`.
#[inline]
pub fn lock(it: &impl Contended, timeout: Duration) -> Result<()> {
    let mine = LockWord::held_by(it.membership().me);
    if swap(it, LockWord::FREE, mine).is_err() {
        contend(it, mine, timeout)?;
    }
    Ok(())
}

/// Takes the lock if it is free now or within a few looks, or if its owner is dead. Waits for nobody.
pub fn try_lock(it: &impl Contended) -> bool {
    let mine = LockWord::held_by(it.membership().me);
    if swap(it, LockWord::FREE, mine).is_ok() || spin(it, mine) {
        return true;
    }
    let seen = load(it);
    seen != LockWord::FREE && take_over_from_dead(it, seen, mine)
}

/// For somebody who sleeps until it is worth to try again: says so in the word and returns it; `None` if it is
/// worth it now. With `check_owners`, also if its owner is dead.
pub fn prepare_wait(it: &impl Contended, check_owners: bool) -> Option<LockWord> {
    let seen = load(it);
    if seen == LockWord::FREE {
        // Only one is woken, and it does not take the lock right here: let the next sleeper go too.
        wake(it);
        return None;
    }
    let flagged = seen.with_waiters();
    let is_told = seen == flagged || swap(it, seen, flagged).is_ok();
    let is_held = is_told && !(check_owners && it.membership().is_dead(seen.owner()));
    is_held.then_some(flagged)
}

/// True if somebody has the lock.
pub fn is_locked(it: &impl Contended) -> bool {
    load(it) != LockWord::FREE
}

fn wake(it: &impl Contended) {
    os::futex::wake(it.membership().region.futex(it.lock_at()), 1);
}

fn spin(it: &impl Contended, mine: LockWord) -> bool {
    (0..SPINS).any(|_| {
        crate::sync::spin_loop();
        load(it) == LockWord::FREE && swap(it, LockWord::FREE, mine).is_ok()
    })
}

/// Unlocks by compare-and-swap, so that an owner whose lock was taken over cannot release another's.
#[inline]
pub fn unlock(it: &impl Contended) {
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

/// What a waiter takes as a sign of life of the lock: who holds it, and how far it has come.
type Progress = (u32, u64);

fn progress(it: &impl Contended, seen: LockWord) -> Progress {
    (seen.with_waiters().0, it.progress())
}

#[cold]
fn contend(it: &impl Contended, mine: LockWord, timeout: Duration) -> Result<()> {
    if spin(it, mine) {
        return Ok(());
    }
    it.note_wait();
    let mut slice = FIRST_SLICE;
    let mut waited = Duration::ZERO;
    let mut last: Option<Progress> = None;
    loop {
        let seen = load(it);
        if seen == LockWord::FREE {
            // We slept, so others may still: keep the flag, or the last of them is never woken.
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
        // If it was us who were stopped, that is not the owner's fault.
        waited += slept.min(2 * slice);
        if waited >= timeout {
            let pid = it.membership().pid_of(flagged.owner().slot);
            return Err(Error::LockTimeout { pid, waited_ms: waited.as_millis() as u64 });
        }
    }
}

/// Sleeps until the word changes, for a slice at most; how long it was. Time that the machine was
/// suspended does not count.
fn sleep(it: &impl Contended, word: LockWord, slice: Duration) -> Duration {
    let before = os::clock::monotonic_ns();
    os::futex::wait(it.membership().region.futex(it.lock_at()), word.0, slice);
    Duration::from_nanos(os::clock::monotonic_ns() - before)
}

/// True if the owner is proven dead and the lock is ours now.
fn take_over_from_dead(it: &impl Contended, seen: LockWord, mine: LockWord) -> bool {
    if !it.membership().is_dead(seen.owner()) {
        return false;
    }
    let taken = swap(it, seen, mine.with_waiters()).is_ok();
    if taken && seen.owner().slot == 0 {
        // Nobody ever writes such a word: the memory was damaged.
        it.note_damage();
    }
    if taken {
        it.note_taken_over();
    }
    taken
}

/// Takes the lock over if its word names an earlier owner of our slot, by the same compare-and-swap as any
/// waiter, so that just one of them and us does it; whether it is ours now.
pub fn take_over_from_earlier(it: &impl Contended) -> bool {
    let me = it.membership().me;
    let seen = load(it);
    let is_earlier = seen.owner().slot == me.slot && seen.owner() != me;
    is_earlier && take_over_from_dead(it, seen, LockWord::held_by(me))
}
