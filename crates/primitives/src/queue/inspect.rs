//! What people see of a queue, and do by hand: claims, dead jobs, counts.

use super::cell::{JobState, JobWord, Link};
use super::change::Counter;
use super::claim::ClaimedJob;
use super::id::JobId;
use super::job::Job;
use super::layout::LAST_PLACE;
use super::list::List;
use super::{LOCK_TIMEOUT, Queue, damaged};
use shmkit_object::error::Result;
use shmkit_object::lock::Guard;

/// Counts of one moment. Those of a read-only handle may not belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueStats {
    /// Jobs to claim, including those that came back.
    pub ready: u32,
    /// Jobs that are not due.
    pub delayed: u32,
    /// Jobs that participants work on.
    pub claimed: u32,
    /// Jobs that were handed out as often as the queue allows.
    pub dead: u32,
    /// Jobs ever pushed.
    pub pushed: u64,
    /// Jobs ever done.
    pub done: u64,
    /// Claims that ended with `fail`.
    pub failed: u64,
    /// Claims that ended with their claimers, or by hand.
    pub returned: u64,
}

/// A claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimRow {
    /// The job's id.
    pub id: JobId,
    /// The claimer's process, in its own pid namespace.
    pub pid: u32,
    /// When it was claimed, on the boot clock.
    pub since: u64,
    /// How often it has been handed out.
    pub attempts: u32,
}

/// Identifies a dead job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeadJob {
    /// Its cell.
    pub link: Link,
    /// Its number.
    pub number: u64,
}

impl Queue {
    /// Returns the counts. O(participants).
    ///
    /// # Errors
    /// [`shmkit_object::error::Error::Retired`], `LockTimeout`, `Corrupt`.
    pub fn stats(&self) -> Result<QueueStats> {
        self.membership.live_epoch()?;
        if self.membership.is_read_only() {
            return self.counts();
        }
        self.reap_dead(LOCK_TIMEOUT)?;
        let _guard = Guard::acquire(self, LOCK_TIMEOUT)?;
        if self.is_due() {
            self.change(|| self.promote(shmkit_os::clock::boot_ns()))?;
        }
        self.counts()
    }

    /// Like `stats`, without the lock: the counts may not belong together, and those of the dead are not looked for.
    ///
    /// # Errors
    /// [`shmkit_object::error::Error::Retired`].
    pub fn counts(&self) -> Result<QueueStats> {
        self.membership.live_epoch()?;
        Ok(QueueStats {
            ready: self.jobs_in(JobState::Ready),
            delayed: self.jobs_in(JobState::Delayed),
            claimed: self.jobs_in(JobState::Claimed),
            dead: self.jobs_in(JobState::Dead),
            pushed: self.counter(Counter::Pushed),
            done: self.counter(Counter::Done),
            failed: self.counter(Counter::Failed),
            returned: self.counter(Counter::Returned),
        })
    }

    /// Returns all claims of living participants, the oldest first. O(claims).
    ///
    /// # Errors
    /// As [`Queue::push`], except for those about room.
    pub fn claims(&self) -> Result<Vec<ClaimRow>> {
        self.check()?;
        self.reap_dead(LOCK_TIMEOUT)?;
        let _guard = Guard::acquire(self, LOCK_TIMEOUT)?;
        let mut rows = Vec::new();
        for slot in 0..self.membership.participants() {
            let links = List::claims(self, slot).links()?;
            // All of them together have no more jobs than there are cells.
            if rows.len() + links.len() > self.known_cells() as usize {
                return Err(damaged());
            }
            for link in links {
                let job = Job::of(self, link)?;
                let (pid, attempts) = (self.membership.pid_of(slot), job.word().attempts());
                rows.push(ClaimRow { id: job.id()?, pid, since: job.since(), attempts });
            }
        }
        rows.sort_by_key(|row| row.since);
        Ok(rows)
    }

    /// Ends a claim by hand: the job comes back as if its claimer had died. Returns false if no job with this id is claimed.
    ///
    /// # Errors
    /// As [`Queue::claims`].
    pub fn release(&self, id: &JobId) -> Result<bool> {
        self.change_in(id, JobState::Claimed, |job, word| self.give_back(&job, word))
    }

    /// Makes a dead job ready again; it comes after all that are ready. Returns false if no job with this id is dead.
    ///
    /// # Errors
    /// As [`Queue::claims`].
    pub fn retry(&self, id: &JobId) -> Result<bool> {
        self.change_in(id, JobState::Dead, |job, word| {
            self.leave(job.link, word)?;
            job.set_place(self.issue(LAST_PLACE));
            job.set_word(JobWord::new(JobState::Ready, 0));
            self.enter(&job)
        })
    }

    /// Removes a dead job. Returns false if no job with this id is dead.
    ///
    /// # Errors
    /// As [`Queue::claims`].
    pub fn discard(&self, id: &JobId) -> Result<bool> {
        self.change_in(id, JobState::Dead, |job, word| self.remove(&job, word, None))
    }

    /// Changes the job with an id if it is in a state, and wakes claimers. Returns whether it was.
    fn change_in(
        &self,
        id: &JobId,
        state: JobState,
        work: impl FnOnce(Job<'_>, JobWord) -> Result<()>,
    ) -> Result<bool> {
        self.check()?;
        let guard = Guard::acquire(self, LOCK_TIMEOUT)?;
        let Some(job) = self.find(id)? else { return Ok(false) };
        let word = job.word();
        if word.state() != Some(state) {
            return Ok(false);
        }
        self.change(|| work(job, word))?;
        drop(guard);
        self.event().notify();
        Ok(true)
    }

    /// Returns all dead jobs, the one that died first at the front. O(dead jobs).
    ///
    /// # Errors
    /// As [`Queue::claims`].
    pub fn dead(&self) -> Result<Vec<DeadJob>> {
        self.check()?;
        self.reap_dead(LOCK_TIMEOUT)?;
        let _guard = Guard::acquire(self, LOCK_TIMEOUT)?;
        let described = |link| Ok(DeadJob { link, number: Job::of(self, link)?.number() });
        List::dead(self).links()?.into_iter().map(described).collect()
    }

    /// Returns a copy of a dead job; `None` if it is not dead any more.
    ///
    /// # Errors
    /// As [`Queue::claims`].
    pub fn dead_job(&self, dead: DeadJob) -> Result<Option<ClaimedJob>> {
        self.check()?;
        let _guard = Guard::acquire(self, LOCK_TIMEOUT)?;
        let job = Job::of(self, dead.link)?;
        let is_there = job.word().state() == Some(JobState::Dead) && job.number() == dead.number;
        if is_there { self.describe(&job).map(Some) } else { Ok(None) }
    }
}
