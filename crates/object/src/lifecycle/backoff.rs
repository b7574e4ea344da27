//! Bounded backoff while another process holds a name lock or attaches.

use super::location::Location;
use crate::error::{Error, Result};
use shmkit_os::clock::{monotonic_ns, sleep};
use std::time::Duration;

/// The process that is waited for makes a few system calls; only a stopped one takes this long.
const LIMIT: Duration = Duration::from_secs(2);
/// Many times what an undisturbed process takes.
const LONG: Duration = Duration::from_millis(200);
const FIRST_PAUSE: Duration = Duration::from_micros(100);
const LONGEST_PAUSE: Duration = Duration::from_millis(5);

/// Growing pauses, up to a limit in total.
#[derive(Debug)]
pub(super) struct Backoff {
    since: u64,
    limit: Duration,
    pause: Duration,
}

impl Backoff {
    pub fn new() -> Self {
        Self::with_limit(LIMIT)
    }

    pub fn with_limit(limit: Duration) -> Self {
        Backoff { since: monotonic_ns(), limit, pause: FIRST_PAUSE }
    }

    /// Pauses; returns false if the limit has passed.
    pub fn wait(&mut self) -> bool {
        if self.waited() >= self.limit {
            return false;
        }
        sleep(self.pause);
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        true
    }

    /// Like `wait`.
    ///
    /// # Errors
    /// [`Error::NameHeld`] if the limit has passed.
    pub fn wait_for(&mut self, location: &Location) -> Result<()> {
        if self.wait() {
            return Ok(());
        }
        Err(Error::NameHeld { path: location.path_text(), waited_ms: self.waited().as_millis() as u64 })
    }

    /// Returns whether the wait has been so long that an undisturbed process would have finished.
    pub fn is_long(&self) -> bool {
        self.waited() >= LONG
    }

    pub fn waited(&self) -> Duration {
        Duration::from_nanos(monotonic_ns() - self.since)
    }
}
