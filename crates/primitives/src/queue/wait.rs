//! Waiting for a job.

use super::claim::{ClaimAttempt, ClaimedJob};
use super::{Queue, layout};
use shmkit_object::error::Error;
use shmkit_object::region::Region;
use shmkit_object::waiter::{Polled, WaitCondition};
use std::sync::Arc;
use std::time::Duration;

/// How long the thread that polls for all waiters waits for a living process that makes no progress.
const WAITER_LOCK_TIMEOUT: Duration = Duration::from_millis(50);

/// A claim: pending, or made and not yet delivered.
#[derive(Debug)]
pub struct PendingClaim {
    queue: Arc<Queue>,
    job: Option<Box<ClaimedJob>>,
}

impl PendingClaim {
    /// Creates a pending claim.
    pub fn new(queue: Arc<Queue>) -> Self {
        PendingClaim { queue, job: None }
    }

    /// Passes the claimed job on to the caller.
    pub fn into_job(mut self) -> Option<ClaimedJob> {
        self.job.take().map(|job| *job)
    }

    fn try_once(&mut self) -> Option<Polled> {
        match self.queue.try_claim(Some(WAITER_LOCK_TIMEOUT)) {
            Ok(ClaimAttempt::Claimed(job)) => {
                self.job = Some(job);
                Some(Polled::Done)
            }
            // The lock's holder makes no progress: try again after a slice of sleep.
            Ok(_) | Err(Error::LockTimeout { .. } | Error::LockStarved { .. }) => None,
            Err(error) => Some(Polled::Failed(error)),
        }
    }
}

impl WaitCondition for PendingClaim {
    fn wait_word(&self) -> (&Region, u64) {
        (&self.queue.membership.region, layout::EVENT)
    }

    fn poll(&mut self, check_owners: bool) -> Polled {
        if let Err(error) = self.queue.check() {
            return Polled::Failed(error);
        }
        // The system calls of the check are made by one waiter after each slice.
        let may_succeed = self.queue.has_ready() || check_owners && self.queue.has_dead_claimers();
        if may_succeed && let Some(polled) = self.try_once() {
            return polled;
        }
        let seen = self.queue.event().prepare_wait();
        if self.queue.has_ready()
            && let Some(polled) = self.try_once()
        {
            return polled;
        }
        Polled::Unavailable { seen, wake_next: false }
    }
}

impl Drop for PendingClaim {
    fn drop(&mut self) {
        if let Some(job) = self.job.take() {
            // If it fails, the job comes back with the end of the process.
            let _: Result<(), Error> = self.queue.unclaim(job.claim);
        }
    }
}
