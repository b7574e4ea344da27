//! Claims of participants that died.

use super::job::Job;
use super::list::List;
use super::{Queue, damaged};
use shmkit_object::error::Result;
use shmkit_object::lock::{Guard, is_abandoned};
use std::time::Duration;

/// How long a process that registers waits for one that changes the queue and makes no progress.
const RECOVERY_TIMEOUT: Duration = Duration::from_millis(50);

impl Queue {
    /// Returns whether a dead participant has claims, or died in the middle of a change. O(participants), and a system
    /// call for each other one that has claims. Without the lock, so it may be wrong while others change the queue.
    pub(super) fn has_dead_claimers(&self) -> bool {
        let is_dead = |slot| {
            let first = List::claims(self, slot).first();
            first != 0 && Job::of(self, first).is_ok_and(|job| self.membership.is_dead(job.word().owner()))
        };
        (0..self.membership.participants()).any(is_dead) || is_abandoned(self)
    }

    /// Gives back the jobs of dead claimers. The caller holds the lock, in a change.
    pub(super) fn reap(&self) -> Result<()> {
        let mut left = self.known_cells();
        for slot in 0..self.membership.participants() {
            let claims = List::claims(self, slot);
            // The oldest claim is first: if its owner lives, those after it are of the same one.
            while claims.first() != 0
                && let Ok(job) = Job::of(self, claims.first())
            {
                let word = job.word();
                if !self.membership.is_dead(word.owner()) {
                    break;
                }
                // All of them together have no more jobs than there are cells.
                left = left.checked_sub(1).ok_or_else(damaged)?;
                self.give_back(&job, word)?;
            }
        }
        Ok(())
    }

    /// Gives back what dead claimers hold, if there are any.
    pub(super) fn reap_dead(&self, timeout: Duration) -> Result<()> {
        if self.has_dead_claimers() {
            let guard = Guard::acquire(self, timeout)?;
            self.change(|| self.reap())?;
            drop(guard);
            self.event().notify();
        }
        Ok(())
    }

    /// Recovers what the previous owner of our slot left, before any claim of ours.
    pub(super) fn recover_previous_owner(&self) {
        // What cannot be finished now is finished by the next owner of the lock, or the next check.
        let _: Result<_> = Guard::recover_previous_owner(self);
        let _: Result<_> = Guard::recover_previous_owner(self.growth());
        let _: Result<()> = self.reap_dead(RECOVERY_TIMEOUT);
    }
}
