//! Waiting for a mutex.

use super::{Held, Mutex, file};
use shmkit_object::error::Result;
use shmkit_object::region::Region;
use shmkit_object::waiter::{Polled, WaitCondition};
use std::sync::Arc;

/// An acquisition of a mutex: pending, or completed and not yet delivered.
#[derive(Debug)]
pub struct PendingLock {
    mutex: Arc<Mutex>,
    held: Option<Held>,
}

impl PendingLock {
    /// Creates a pending acquisition of `mutex`.
    pub fn new(mutex: Arc<Mutex>) -> Self {
        PendingLock { mutex, held: None }
    }

    /// Tries just once, taking over from a dead owner too. Returns whether the mutex was acquired.
    ///
    /// # Errors
    /// As [`Mutex::try_lock`].
    pub fn try_once(&mut self) -> Result<bool> {
        self.held = self.mutex.try_lock()?;
        if self.held.is_none() {
            self.held = self.mutex.try_lock_or_announce(true)?.ok();
        }
        Ok(self.held.is_some())
    }

    /// Passes what was acquired on to the caller, which releases it.
    pub fn into_held(mut self) -> Option<Held> {
        self.held.take()
    }
}

impl WaitCondition for PendingLock {
    fn wait_word(&self) -> (&Region, u64) {
        (&self.mutex.membership.region, file::WORD)
    }

    fn poll(&mut self, check_owners: bool) -> Polled {
        match self.mutex.try_lock_or_announce(check_owners) {
            Ok(Ok(held)) => {
                self.held = Some(held);
                Polled::Done
            }
            Ok(Err(seen)) => Polled::Unavailable { seen: seen.0, wake_next: false },
            Err(error) => Polled::Failed(error),
        }
    }
}

impl Drop for PendingLock {
    fn drop(&mut self) {
        if let Some(held) = self.held {
            self.mutex.release_undelivered(held);
        }
    }
}
