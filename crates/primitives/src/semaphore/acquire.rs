//! Waiting for permits.

use super::{Semaphore, file};
use shmkit_object::error::Error;
use shmkit_object::region::Region;
use shmkit_object::waiter::{Polled, WaitCondition};
use std::sync::Arc;

/// Permits that are wanted, or had.
#[derive(Debug)]
pub struct Acquisition {
    semaphore: Arc<Semaphore>,
    n: u32,
    is_done: bool,
}

impl Acquisition {
    /// Of `n` permits.
    pub fn new(semaphore: Arc<Semaphore>, n: u32) -> Self {
        Acquisition { semaphore, n, is_done: false }
    }

    /// How many permits it is about.
    pub fn permits(&self) -> u32 {
        self.n
    }

    /// The permits are the caller's now, and not given back.
    pub fn keep(mut self) {
        self.is_done = false;
    }
}

impl WaitCondition for Acquisition {
    fn wait_word(&self) -> (&Region, u64) {
        (&self.semaphore.membership.region, file::WORD)
    }

    fn poll(&mut self, check_owners: bool) -> Polled {
        if check_owners {
            self.semaphore.check_owners();
        }
        match self.semaphore.try_or_flag(self.n) {
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

impl Drop for Acquisition {
    fn drop(&mut self) {
        if self.is_done {
            // It fails only if the semaphore was replaced, and nobody misses the permits then, or if others
            // released up to the limit meanwhile.
            let _: Result<u32, Error> = self.semaphore.release(self.n);
        }
    }
}
