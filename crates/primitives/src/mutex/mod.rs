//! A mutex between processes that survives the death of its owner.
//!
//! Its word is a [`LockWord`]: it names the participant that holds it, and is taken over from dead owners only.
//! Which thread of that process holds it is known to that process alone. Every acquisition issues the next
//! token; a token that is lost with its owner is never used again.
//!
//! ```text
//! acquire   word: 0 -> mine (CAS)     or a dead owner's -> mine (CAS), which counts as "owner died"
//!           token <- token + 1
//!           owner_died <- 0           its previous value is reported to the new owner
//! release   word: mine -> 0 (CAS), wake one
//! abandon   owner_died <- 1, then as release: the owner's thread ended without releasing
//! ```
//! A death between any two of these leaves a word that names the dead owner, so the next owner learns of it.

mod acquire;
mod file;
#[cfg(test)]
mod tests;

pub use acquire::PendingLock;
pub use file::MutexOptions;

use shmkit_object::error::Result;
use shmkit_object::lock::word::LockWord;
use shmkit_object::lock::{self, Lockable};
use shmkit_object::membership::Membership;
use shmkit_os::clock::boot_ns_coarse;

/// An attached mutex.
#[derive(Debug)]
pub struct Mutex {
    membership: Membership,
}

/// A held mutex.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Larger than that of every acquisition before.
    pub token: u64,
    /// Whether the last owner died, or its thread ended, without releasing the mutex.
    pub owner_died: bool,
}

/// The live owner of a mutex.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    /// Its process, by its own account.
    pub pid: u32,
    /// Nanoseconds since it acquired the mutex. If the mutex changes hands at that moment, those of another acquisition.
    pub age_ns: u64,
}

impl Lockable for Mutex {
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
    /// Acquires the mutex if it is free. O(1).
    ///
    /// # Errors
    /// [`shmkit_object::error::Error::Retired`], `ReadOnly`.
    pub fn try_lock(&self) -> Result<Option<Held>> {
        self.check()?;
        let mine = LockWord::held_by(self.membership.me);
        Ok(self.compare_exchange(LockWord::FREE, mine).is_ok().then(|| self.begin_ownership(false)))
    }

    /// Like `try_lock`, but sets the waiters bit on failure, and returns the word to wait on. With
    /// `check_owners`, takes over from a dead owner too.
    fn try_lock_or_announce(&self, check_owners: bool) -> Result<std::result::Result<Held, LockWord>> {
        self.check()?;
        // Other waiters may be asleep: keep the bit, or the last of them is never woken.
        let mine = LockWord::held_by(self.membership.me).with_waiters();
        loop {
            let seen = self.word();
            if seen == LockWord::FREE {
                if self.compare_exchange(seen, mine).is_ok() {
                    return Ok(Ok(self.begin_ownership(false)));
                }
                continue;
            }
            let flagged = seen.with_waiters();
            if seen != flagged && self.compare_exchange(seen, flagged).is_err() {
                continue;
            }
            if !check_owners || !self.membership.is_dead(flagged.owner()) {
                return Ok(Err(flagged));
            }
            if self.compare_exchange(flagged, mine).is_ok() {
                return Ok(Ok(self.begin_ownership(true)));
            }
        }
    }

    /// Issues the new owner's token, and collects the owner-died flag. The caller must have just acquired the
    /// word, from a dead owner if `is_taken_over`.
    fn begin_ownership(&self, is_taken_over: bool) -> Held {
        let region = &self.membership.region;
        let token = region.load(file::TOKEN).wrapping_add(1);
        region.store(file::TOKEN, token);
        region.store(file::SINCE, boot_ns_coarse());
        let was_abandoned = region.load32(file::OWNER_DIED) != 0;
        if was_abandoned {
            region.store32(file::OWNER_DIED, 0);
        }
        Held { token, owner_died: is_taken_over || was_abandoned }
    }

    /// Releases the mutex. The caller must hold it.
    pub fn unlock(&self) {
        lock::unlock(self);
    }

    /// Releases the mutex on behalf of a thread that ended. The next owner's `owner_died` is set.
    pub fn abandon(&self) {
        self.membership.region.store32(file::OWNER_DIED, 1);
        lock::unlock(self);
    }

    /// Releases an undelivered acquisition, preserving its owner-died flag.
    fn release_undelivered(&self, held: Held) {
        if held.owner_died { self.abandon() } else { self.unlock() }
    }

    /// Returns the live owner, unless there is none. O(1), and a system call if another process has it.
    ///
    /// # Errors
    /// [`shmkit_object::error::Error::Retired`].
    pub fn holder(&self) -> Result<Option<Holder>> {
        self.membership.live_epoch()?;
        let (word, since) = (self.word(), self.membership.region.load(file::SINCE));
        let owner = word.owner();
        if word == LockWord::FREE || self.membership.is_dead(owner) {
            return Ok(None);
        }
        let age_ns = boot_ns_coarse().saturating_sub(since);
        Ok(Some(Holder { pid: self.membership.pid_of(owner.slot), age_ns }))
    }

    /// Returns whether a participant, alive or dead, holds the mutex.
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

    fn compare_exchange(&self, seen: LockWord, new: LockWord) -> std::result::Result<(), u32> {
        self.membership.region.swap_if32(file::WORD, seen.0, new.0)
    }

    /// Releases the mutex if the previous owner of our slot died with it.
    fn recover_slot(&self) {
        if lock::take_over_from_previous(self) {
            self.membership.region.store32(file::OWNER_DIED, 1);
            lock::unlock(self);
        }
    }
}
