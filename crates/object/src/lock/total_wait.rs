//! The limit of a whole wait for a lock.
//!
//! The timeout of a wait starts again whenever the lock's owners make progress. What counts as progress is in shared
//! memory, so a hostile peer can simulate it for ever. This limit depends on nothing in shared memory.

use crate::error::{Error, Result};
use shmkit_os as os;
use std::time::Duration;

/// The limit, in timeouts.
const TIMEOUTS: u32 = 10;
/// The limit of very short timeouts.
const SHORTEST: Duration = Duration::from_millis(100);

/// How long a wait has taken.
pub(super) struct TotalWait {
    limit: Duration,
    waited: Duration,
    checked_at: u64,
}

impl TotalWait {
    /// Starts a wait with this timeout.
    pub(super) fn start(timeout: Duration) -> Self {
        let limit = timeout.saturating_mul(TIMEOUTS).max(SHORTEST);
        TotalWait { limit, waited: Duration::ZERO, checked_at: os::clock::monotonic_ns() }
    }

    /// Checks the limit. Call it at least once a slice: longer times do not count, because this process was stopped
    /// then. `pid` returns that of the lock's owner.
    ///
    /// # Errors
    /// [`Error::LockStarved`].
    pub(super) fn check(&mut self, slice: Duration, pid: impl FnOnce() -> u32) -> Result<()> {
        let now = os::clock::monotonic_ns();
        self.waited += Duration::from_nanos(now - self.checked_at).min(2 * slice);
        self.checked_at = now;
        if self.waited < self.limit {
            return Ok(());
        }
        Err(Error::LockStarved { pid: pid(), waited_ms: self.waited.as_millis() as u64 })
    }
}
