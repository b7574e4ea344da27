//! Waiting for permits.

use super::{Semaphore, file};
use shmkit_object::error::Error;
use shmkit_object::region::Region;
use shmkit_object::waiter::{Polled, WaitCondition};
use std::sync::Arc;

/// An acquisition of permits: pending, or completed and not yet delivered.
#[derive(Debug)]
pub struct PendingAcquire {
    semaphore: Arc<Semaphore>,
    n: u32,
    is_done: bool,
}

impl PendingAcquire {
    /// Creates a pending acquisition of `n` permits.
    pub fn new(semaphore: Arc<Semaphore>, n: u32) -> Self {
        PendingAcquire { semaphore, n, is_done: false }
    }

    /// Returns the number of permits.
    pub fn permits(&self) -> u32 {
        self.n
    }

    /// Passes the permits on to the caller, which releases them.
    pub fn keep(mut self) {
        self.is_done = false;
    }
}

impl WaitCondition for PendingAcquire {
    fn wait_word(&self) -> (&Region, u64) {
        (&self.semaphore.membership.region, file::WORD)
    }

    fn poll(&mut self, check_owners: bool) -> Polled {
        if check_owners {
            self.semaphore.check_owners();
        }
        match self.semaphore.try_acquire_or_announce(self.n) {
            Ok(None) => {
                self.is_done = true;
                Polled::Done
            }
            Ok(Some(seen)) if seen.permits() == 0 => Polled::Unavailable { seen: seen.0, wake_next: false },
            Ok(Some(seen)) => Polled::Unavailable { seen: seen.0, wake_next: true },
            Err(error) => Polled::Failed(error),
        }
    }
}

impl Drop for PendingAcquire {
    fn drop(&mut self) {
        if self.is_done {
            // Fails only if the semaphore was replaced, and then the permits do not matter, or if others released
            // up to the limit meanwhile.
            let _: Result<u32, Error> = self.semaphore.release(self.n);
        }
    }
}
