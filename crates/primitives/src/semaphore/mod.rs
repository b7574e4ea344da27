//! Counting semaphores between processes.
//!
//! One word tells it all: the permits, and whether somebody may be asleep. Every change of it is one
//! compare-and-swap, so whoever dies leaves it as it was before or after. Who releases wakes all that
//! sleep; a releaser that dies before it wakes them costs them one slice of their sleep, see
//! [`shmkit_object::waiter`]. With `holders` there is more to a change than the word: see `holders`.

mod acquire;
mod file;
mod holders;
mod permit_word;
#[cfg(test)]
mod tests;

pub use acquire::Acquisition;
pub use file::{FORMAT, SemaphoreOptions};

use permit_word::{MOST, Word};
use shmkit_object::error::{Error, Result};
use shmkit_object::membership::Membership;
use shmkit_os as os;
use std::time::Duration;

/// How long an attempt on behalf of others is held up by a living process that makes no progress.
const SHORT_PATIENCE: Duration = Duration::from_millis(50);

/// An attached semaphore.
#[derive(Debug)]
pub struct Semaphore {
    membership: Membership,
    /// It knows who holds its permits.
    holders: bool,
}

impl Semaphore {
    /// Permits there are, those of dead holders included. O(1), or O(participants) with `holders`.
    ///
    /// # Errors
    /// [`Error::Retired`]; with `holders` [`Error::LockTimeout`].
    pub fn value(&self) -> Result<u32> {
        self.look_after_the_dead()?;
        Ok(self.word().permits())
    }

    /// Permits that have come back from holders that died, and from threads of theirs that ended, since it was
    /// made; those of dead holders included. 0 without `holders`. O(participants).
    ///
    /// # Errors
    /// As [`Semaphore::value`].
    pub fn reclaimed(&self) -> Result<u64> {
        self.look_after_the_dead()?;
        Ok(if self.holders { self.taken_back() } else { 0 })
    }

    fn look_after_the_dead(&self) -> Result<()> {
        self.membership.live_epoch()?;
        if self.holders && !self.membership.is_read_only() {
            self.tend(holders::PATIENCE)?;
        }
        Ok(())
    }

    /// Takes `n` permits if there are as many. O(1); with `holders` O(participants) if there are not.
    ///
    /// # Errors
    /// [`Error::Retired`], [`Error::ReadOnly`]; with `holders` [`Error::LockTimeout`].
    pub fn try_acquire(&self, n: u32) -> Result<bool> {
        self.check()?;
        let mut seen = self.word();
        if self.holders {
            if seen.less(n).is_none() {
                self.tend(holders::PATIENCE)?;
            }
            return Ok(self.word().less(n).is_some() && self.ledger(holders::PATIENCE)?.take(n));
        }
        while let Some(left) = seen.less(n) {
            match self.swap(seen, left) {
                Ok(()) => return Ok(true),
                Err(now) => seen = now,
            }
        }
        Ok(false)
    }

    /// Takes `n` permits, or says that somebody is about to sleep, and on which word.
    fn try_or_flag(&self, n: u32) -> Result<Option<Word>> {
        self.check()?;
        let mut seen = self.word();
        loop {
            let taken = seen.less(n);
            let flagged = seen.with_waiters();
            if taken.is_none() && seen == flagged {
                return Ok(Some(seen));
            }
            if taken.is_some() && self.holders {
                return self.take_or_look(n);
            }
            match self.swap(seen, taken.unwrap_or(flagged)) {
                Ok(()) if taken.is_some() => return Ok(None),
                Ok(()) => return Ok(Some(flagged)),
                Err(now) => seen = now,
            }
        }
    }

    /// Takes permits that seem to be there, from under the lock; if it fails, what is there now.
    fn take_or_look(&self, n: u32) -> Result<Option<Word>> {
        match self.ledger(SHORT_PATIENCE) {
            Ok(ledger) if ledger.take(n) => Ok(None),
            // Who is inside makes no progress: ask again after a slice of sleep.
            Ok(_) | Err(Error::LockTimeout { .. }) => Ok(Some(self.word())),
            Err(error) => Err(error),
        }
    }

    /// As `tend`, on behalf of others.
    fn check_owners(&self) {
        if self.holders {
            // If it fails, a later look does it.
            let _: Result<()> = self.tend(SHORT_PATIENCE);
        }
    }

    /// Adds `n` permits; the new value. With `holders`, they are those that this process holds, as far as
    /// it holds any. O(1), and one system call if somebody waits.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] beyond 2^31 - 1; nothing is added then. [`Error::Retired`],
    /// [`Error::ReadOnly`]; with `holders` [`Error::LockTimeout`].
    pub fn release(&self, n: u32) -> Result<u32> {
        self.check()?;
        if self.holders {
            let permits = self.ledger(holders::PATIENCE)?.give(n)?;
            self.wake_all();
            return Ok(permits);
        }
        let mut seen = self.word();
        loop {
            let more = seen.more(n).ok_or_else(|| too_many(seen, n))?;
            match self.swap(seen, more) {
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

    fn word(&self) -> Word {
        Word(self.membership.region.load32(file::WORD))
    }

    fn swap(&self, seen: Word, new: Word) -> std::result::Result<(), Word> {
        self.membership.region.swap_if32(file::WORD, seen.0, new.0).map_err(Word)
    }
}

fn too_many(seen: Word, n: u32) -> Error {
    Error::OutOfRange(format!("{} permits and {n} more are beyond {MOST}", seen.permits()))
}
