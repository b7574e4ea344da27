//! Waiting for others who hold a name or attach: short, and never for ever.

use super::place::Place;
use crate::error::{Error, Result};
use shmkit_os::clock::{monotonic_ns, pause};
use std::time::Duration;

/// Whoever is waited for does a handful of system calls; only a stopped process takes this long.
const LIMIT: Duration = Duration::from_secs(2);
const FIRST_PAUSE: Duration = Duration::from_micros(100);
const LONGEST_PAUSE: Duration = Duration::from_millis(5);

/// Growing pauses up to a limit.
#[derive(Debug)]
pub(super) struct Patience {
    since: u64,
    limit: Duration,
    pause: Duration,
}

impl Patience {
    pub fn new() -> Self {
        Self::with_limit(LIMIT)
    }

    pub fn with_limit(limit: Duration) -> Self {
        Patience { since: monotonic_ns(), limit, pause: FIRST_PAUSE }
    }

    /// Sleeps a little; false if the limit has passed.
    pub fn wait(&mut self) -> bool {
        if self.waited() >= self.limit {
            return false;
        }
        pause(self.pause);
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        true
    }

    /// As `wait`.
    ///
    /// # Errors
    /// [`Error::NameHeld`] if the limit has passed.
    pub fn wait_for(&mut self, place: &Place) -> Result<()> {
        if self.wait() {
            return Ok(());
        }
        Err(Error::NameHeld { path: place.path_text(), waited_ms: self.waited().as_millis() as u64 })
    }

    fn waited(&self) -> Duration {
        Duration::from_nanos(monotonic_ns() - self.since)
    }
}
