//! Waiting for a mutex.

use super::{Held, Mutex, file};
use shmkit_object::error::Result;
use shmkit_object::region::Region;
use shmkit_object::waiter::{Polled, WaitCondition};
use std::sync::Arc;

/// A mutex that is wanted, or had.
#[derive(Debug)]
pub struct Locking {
    mutex: Arc<Mutex>,
    held: Option<Held>,
}

impl Locking {
    /// Of this mutex.
    pub fn new(mutex: Arc<Mutex>) -> Self {
        Locking { mutex, held: None }
    }

    /// Tries just once, a dead owner's mutex included; whether it was got.
    ///
    /// # Errors
    /// As [`Mutex::try_lock`].
    pub fn try_once(&mut self) -> Result<bool> {
        self.held = self.mutex.try_lock()?;
        if self.held.is_none() {
            self.held = self.mutex.try_or_flag(true)?.ok();
        }
        Ok(self.held.is_some())
    }

    /// What was got; it is the caller's now, to be released.
    pub fn keep(mut self) -> Option<Held> {
        self.held.take()
    }
}

impl WaitCondition for Locking {
    fn wait_word(&self) -> (&Region, u64) {
        (&self.mutex.membership.region, file::WORD)
    }

    fn poll(&mut self, check_owners: bool) -> Polled {
        match self.mutex.try_or_flag(check_owners) {
            Ok(Ok(held)) => {
                self.held = Some(held);
                Polled::Done
            }
            Ok(Err(seen)) => Polled::Unavailable { seen: seen.0, wake_next: false },
            Err(error) => Polled::Failed(error),
        }
    }
}

impl Drop for Locking {
    fn drop(&mut self) {
        if let Some(held) = self.held {
            self.mutex.give_back(held);
        }
    }
}
