//! A mutex between processes that outlives the death of its owner.
//!
//! Its word is a [`LockWord`]: it names the participant that holds it, and passes on from the dead only.
//! Which thread of that process holds it is the process's own business. Every acquisition draws the next
//! token; a token that is lost with its drawer is never used again.
//!
//! ```text
//! take      word: 0 -> mine (CAS)     a dead owner's -> mine (CAS), which counts as "died"
//!           token <- token + 1
//!           died <- 0                 what it was is told to the new owner
//! release   word: mine -> 0 (CAS), wake one
//! abandon   died <- 1, then as release: the owner's thread ended without releasing
//! ```
//! Whoever dies between any two of these leaves a word that names the dead, so the next owner is told.

mod acquire;
mod file;
#[cfg(test)]
mod tests;

pub use acquire::Locking;
pub use file::{FORMAT, MutexOptions};

use shmkit_object::error::Result;
use shmkit_object::lock::word::LockWord;
use shmkit_object::lock::{self, Contended};
use shmkit_object::membership::Membership;

/// An attached mutex.
#[derive(Debug)]
pub struct Mutex {
    membership: Membership,
}

/// A mutex that is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Larger than that of every acquisition before.
    pub token: u64,
    /// The last owner died, or its thread ended, without releasing it.
    pub owner_died: bool,
}

impl Contended for Mutex {
    fn membership(&self) -> &Membership {
        &self.membership
    }

    fn lock_at(&self) -> u64 {
        file::WORD
    }

    fn progress(&self) -> u64 {
        self.membership.region.load(file::TOKEN)
    }
}

impl Mutex {
    /// Takes it if nobody has it. O(1).
    ///
    /// # Errors
    /// [`shmkit_object::error::Error::Retired`], `ReadOnly`.
    pub fn try_lock(&self) -> Result<Option<Held>> {
        self.check()?;
        let mine = LockWord::held_by(self.membership.me);
        Ok(self.swap(LockWord::FREE, mine).is_ok().then(|| self.enter(false)))
    }

    /// As `try_lock`; if it fails, says that somebody is about to sleep, and on which word. With
    /// `check_owners` it is taken from a dead owner, too.
    fn try_or_flag(&self, check_owners: bool) -> Result<std::result::Result<Held, LockWord>> {
        self.check()?;
        // Others may be asleep as well: keep the flag, or the last of them is never woken.
        let mine = LockWord::held_by(self.membership.me).with_waiters();
        loop {
            let seen = self.word();
            if seen == LockWord::FREE {
                if self.swap(seen, mine).is_ok() {
                    return Ok(Ok(self.enter(false)));
                }
                continue;
            }
            let flagged = seen.with_waiters();
            if seen != flagged && self.swap(seen, flagged).is_err() {
                continue;
            }
            if !check_owners || !self.membership.is_dead(flagged.owner()) {
                return Ok(Err(flagged));
            }
            if self.swap(flagged, mine).is_ok() {
                return Ok(Ok(self.enter(true)));
            }
        }
    }

    /// What a new owner does first. `taken_over` tells that the word was a dead owner's.
    fn enter(&self, taken_over: bool) -> Held {
        let region = &self.membership.region;
        let token = region.load(file::TOKEN).wrapping_add(1);
        region.store(file::TOKEN, token);
        let abandoned = region.load32(file::DIED) != 0;
        if abandoned {
            region.store32(file::DIED, 0);
        }
        Held { token, owner_died: taken_over || abandoned }
    }

    /// Releases it, which the caller holds.
    pub fn unlock(&self) {
        lock::unlock(self);
    }

    /// Releases it on behalf of a thread that ended: the next owner is told.
    pub fn abandon(&self) {
        self.membership.region.store32(file::DIED, 1);
        lock::unlock(self);
    }

    /// Gives back what nobody has seen yet: the next owner is told what this one would have been.
    fn give_back(&self, held: Held) {
        if held.owner_died { self.abandon() } else { self.unlock() }
    }

    /// True if somebody holds it, dead or alive.
    pub fn is_locked(&self) -> bool {
        self.word() != LockWord::FREE
    }

    fn check(&self) -> Result<()> {
        self.membership.check_writable()?;
        self.membership.live_epoch().map(drop)
    }

    fn word(&self) -> LockWord {
        LockWord(self.membership.region.load32(file::WORD))
    }

    fn swap(&self, seen: LockWord, new: LockWord) -> std::result::Result<(), u32> {
        self.membership.region.swap_if32(file::WORD, seen.0, new.0)
    }

    /// An earlier owner of our slot died with it.
    fn take_over_slot(&self) {
        if lock::take_over_from_earlier(self) {
            self.membership.region.store32(file::DIED, 1);
            lock::unlock_taken_over(self);
        }
    }
}
