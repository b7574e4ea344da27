//! Counting semaphores between processes.
//!
//! One word holds the whole state: the permits, and whether a waiter may be asleep. Every change of it is one
//! compare-and-swap, so a death leaves it as it was before or after. A release wakes all waiters; if the
//! releaser dies before that, they wake after one slice of their sleep, see [`shmkit_object::waiter`]. With
//! `holders`, a change is more than that word: see `holders`.

mod acquire;
mod file;
mod holders;
mod permit_word;
#[cfg(test)]
mod tests;

pub use acquire::PendingAcquire;
pub use file::SemaphoreOptions;

use permit_word::{MAX_PERMITS, PermitWord};
use shmkit_object::error::{Error, Result};
use shmkit_object::membership::Membership;
use shmkit_os as os;
use std::time::Duration;

/// How long the thread that polls for all waiters waits for a living process that makes no progress.
const WAITER_LOCK_TIMEOUT: Duration = Duration::from_millis(50);

/// An attached semaphore.
#[derive(Debug)]
pub struct Semaphore {
    membership: Membership,
    /// Whether it counts the permits of each holder.
    holders: bool,
}

impl Semaphore {
    /// Returns the available permits, including those of dead holders. O(1), or O(participants) with `holders`.
    ///
    /// # Errors
    /// [`Error::Retired`]; with `holders` [`Error::LockTimeout`].
    pub fn value(&self) -> Result<u32> {
        self.reap_dead()?;
        Ok(self.word().permits())
    }

    /// Returns the permits that are available now, not counting those of dead holders.
    pub fn available(&self) -> u32 {
        self.word().permits()
    }

    /// Returns the permits that have come back from holders that died, and from threads that ended, since the
    /// semaphore was created. 0 without `holders`. O(participants).
    ///
    /// # Errors
    /// As [`Semaphore::value`].
    pub fn reclaimed(&self) -> Result<u64> {
        self.reap_dead()?;
        Ok(if self.holders { self.reclaimed_total() } else { 0 })
    }

    fn reap_dead(&self) -> Result<()> {
        self.membership.live_epoch()?;
        if self.holders && !self.membership.is_read_only() {
            self.reap(holders::LOCK_TIMEOUT)?;
        }
        Ok(())
    }

    /// Acquires `n` permits if there are as many. O(1); with `holders`, O(participants) if there are fewer.
    ///
    /// # Errors
    /// [`Error::Retired`], [`Error::ReadOnly`]; with `holders` [`Error::LockTimeout`].
    pub fn try_acquire(&self, n: u32) -> Result<bool> {
        self.check()?;
        let mut seen = self.word();
        if self.holders {
            if seen.minus(n).is_none() {
                self.reap(holders::LOCK_TIMEOUT)?;
            }
            return Ok(self.word().minus(n).is_some() && self.counts(holders::LOCK_TIMEOUT)?.take(n));
        }
        while let Some(left) = seen.minus(n) {
            match self.compare_exchange(seen, left) {
                Ok(()) => return Ok(true),
                Err(now) => seen = now,
            }
        }
        Ok(false)
    }

    /// Acquires `n` permits and returns `None`, or sets the waiters bit and returns the word to wait on.
    fn try_acquire_or_announce(&self, n: u32) -> Result<Option<PermitWord>> {
        self.check()?;
        let mut seen = self.word();
        loop {
            let less = seen.minus(n);
            let flagged = seen.with_waiters();
            if less.is_none() && seen == flagged {
                return Ok(Some(seen));
            }
            if less.is_some() && self.holders {
                return self.acquire_counted(n);
            }
            match self.compare_exchange(seen, less.unwrap_or(flagged)) {
                Ok(()) if less.is_some() => return Ok(None),
                Ok(()) => return Ok(Some(flagged)),
                Err(now) => seen = now,
            }
        }
    }

    /// Acquires permits under the lock of the counts. Returns the present word on failure.
    fn acquire_counted(&self, n: u32) -> Result<Option<PermitWord>> {
        match self.counts(WAITER_LOCK_TIMEOUT) {
            Ok(counts) if counts.take(n) => Ok(None),
            // The lock's holder makes no progress: try again after a slice of sleep.
            Ok(_) | Err(Error::LockTimeout { .. } | Error::LockStarved { .. }) => Ok(Some(self.word())),
            Err(error) => Err(error),
        }
    }

    /// Reaps dead holders on behalf of waiters.
    fn check_owners(&self) {
        if self.holders {
            // If it fails, a later check succeeds.
            let _: Result<()> = self.reap(WAITER_LOCK_TIMEOUT);
        }
    }

    /// Adds `n` permits, and returns the new value. With `holders`, they are first taken from those that this
    /// process holds. O(1), and one system call if there are waiters.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] past 2^31 - 1, and nothing is added; [`Error::Retired`],
    /// [`Error::ReadOnly`]; with `holders` [`Error::LockTimeout`].
    pub fn release(&self, n: u32) -> Result<u32> {
        self.check()?;
        if self.holders {
            let permits = self.counts(holders::LOCK_TIMEOUT)?.give(n)?;
            self.wake_all();
            return Ok(permits);
        }
        let mut seen = self.word();
        loop {
            let more = seen.plus(n).ok_or_else(|| too_many(seen, n))?;
            match self.compare_exchange(seen, more) {
                Ok(()) => {
                    if seen.has_waiters() {
                        os::futex::wake(self.membership.region.futex(file::WORD), u32::MAX);
                    }
                    return Ok(more.permits());
                }
                Err(now) => seen = now,
            }
        }
    }

    fn check(&self) -> Result<()> {
        self.membership.check_writable()?;
        self.membership.live_epoch().map(drop)
    }

    fn word(&self) -> PermitWord {
        PermitWord(self.membership.region.load32(file::WORD))
    }

    fn compare_exchange(&self, seen: PermitWord, new: PermitWord) -> std::result::Result<(), PermitWord> {
        self.membership.region.swap_if32(file::WORD, seen.0, new.0).map_err(PermitWord)
    }
}

fn too_many(seen: PermitWord, n: u32) -> Error {
    Error::OutOfRange(format!("{} permits and {n} more exceed {MAX_PERMITS}", seen.permits()))
}
