//! Claims as participants see them that cannot take the lock.

use super::cell::JobState;
use super::inspect::ClaimRow;
use super::job::Job;
use super::layout::{JOBS, PROGRESS};
use super::list::List;
use super::{Queue, damaged};
use shmkit_object::error::Result;

/// Attempts to see the claims of one moment, after which those of the last one are taken although they changed meanwhile.
const MAX_READS: u32 = 100;

impl Queue {
    /// Returns the claims without the lock, the oldest first. O(claims), up to a hundred times while the queue changes:
    /// then they may not belong together. Those of participants that have died are among them until a participant that can
    /// write takes them back.
    ///
    /// # Errors
    /// [`shmkit_object::error::Error::Retired`], [`shmkit_object::error::Error::Corrupt`].
    pub fn observed_claims(&self) -> Result<Vec<ClaimRow>> {
        self.membership.live_epoch()?;
        let mut reads = 0;
        loop {
            reads += 1;
            let (before, mut rows) = (self.moment(), Vec::new());
            let walked = self.walk_claims(&mut rows);
            self.membership.region.read_fence();
            let is_settled = before.0 & 1 == 0 && self.moment() == before;
            if is_settled {
                walked?;
            }
            if is_settled || reads == MAX_READS {
                rows.sort_by_key(|row: &ClaimRow| row.since);
                return Ok(rows);
            }
        }
    }

    /// Returns what every change changes. The first number is odd in the middle of one.
    fn moment(&self) -> (u64, u64) {
        let region = &self.membership.region;
        (region.load(JOBS), region.load(PROGRESS))
    }

    /// Appends the claims of all participants, up to the first one that is none.
    fn walk_claims(&self, rows: &mut Vec<ClaimRow>) -> Result<()> {
        for slot in 0..self.membership.participants() {
            let list = List::claims(self, slot);
            let mut link = list.first();
            while link != 0 {
                let job = Job::of(self, link)?;
                let word = job.word();
                let is_claim = word.state() == Some(JobState::Claimed) && word.owner().slot == slot;
                // All lists together have no more jobs than there are cells.
                if !is_claim || rows.len() >= self.known_cells() as usize {
                    return Err(damaged());
                }
                let pid = self.membership.pid_of(slot);
                rows.push(ClaimRow { id: job.id()?, pid, since: job.since(), attempts: word.attempts() });
                link = list.next(link)?;
            }
        }
        Ok(())
    }
}
