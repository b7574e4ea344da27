//! Counting semaphores between processes.
//!
//! One word tells it all: the permits, and whether somebody may be asleep. Every change of it is one
//! compare-and-swap, so whoever dies leaves it as it was before or after. Who releases wakes all that
//! sleep; a releaser that dies before it wakes them costs them one slice of their sleep, see
//! [`crate::waiter`].

mod acquire;
mod file;
mod word;

pub use acquire::Acquisition;
pub use file::{FORMAT, SemaphoreOptions};

use crate::error::{Error, Result};
use crate::membership::Membership;
use shmkit_os as os;
use word::{MOST, Word};

/// An attached semaphore.
#[derive(Debug)]
pub struct Semaphore {
    membership: Membership,
}

impl Semaphore {
    /// Permits there are. O(1).
    ///
    /// # Errors
    /// [`Error::Retired`].
    pub fn value(&self) -> Result<u32> {
        self.membership.live_epoch()?;
        Ok(self.word().permits())
    }

    /// Takes `n` permits if there are as many. O(1).
    ///
    /// # Errors
    /// [`Error::Retired`], [`Error::ReadOnly`].
    pub fn try_acquire(&self, n: u32) -> Result<bool> {
        self.check()?;
        let mut seen = self.word();
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
            match self.swap(seen, taken.unwrap_or(flagged)) {
                Ok(()) if taken.is_some() => return Ok(None),
                Ok(()) => return Ok(Some(flagged)),
                Err(now) => seen = now,
            }
        }
    }

    /// Adds `n` permits; the new value. O(1), and one system call if somebody waits.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] beyond 2^31 - 1; nothing is added then. [`Error::Retired`],
    /// [`Error::ReadOnly`].
    pub fn release(&self, n: u32) -> Result<u32> {
        self.check()?;
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
