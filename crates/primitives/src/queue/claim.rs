//! Claiming jobs, and what ends a claim.

use super::cell::{JobState, JobWord, Link};
use super::change::Counter;
use super::id::JobId;
use super::job::{Job, JobValue};
use super::layout::{CHECKED, LAST_CLAIM, LAST_PLACE};
use super::list::{Heap, List};
use super::{LOCK_TIMEOUT, Queue};
use shmkit_object::error::{Error, Result};
use shmkit_object::lock::Guard;
use shmkit_os as os;
use std::time::Duration;

/// How often claimers check for dead ones while there are ready jobs: every ms.
const CHECK_NS: u64 = 1_000_000;

/// Identifies one claim of one job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimId {
    link: Link,
    claim: u64,
}

/// A claimed job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedJob {
    /// For the calls that end the claim.
    pub claim: ClaimId,
    /// The job's id.
    pub id: JobId,
    /// How often it has been handed out, this time included.
    pub attempts: u32,
    /// The kind of its value.
    pub kind: u8,
    /// The bytes of its value.
    pub bytes: Vec<u8>,
}

/// What an attempt to claim a job found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimAttempt {
    /// A job.
    Claimed(Box<ClaimedJob>),
    /// No job is ready.
    Empty,
    /// Another participant holds the lock.
    Busy,
}

impl Queue {
    /// Claims the next job: those first that came back from claims that ended with their claimers. Without a
    /// `lock_timeout`, the outcome is [`ClaimAttempt::Busy`] while another participant holds the lock. O(bytes), and
    /// O(participants) once a millisecond.
    ///
    /// # Errors
    /// [`Error::LockTimeout`], [`Error::Retired`], [`Error::ReadOnly`], [`Error::Corrupt`].
    pub fn try_claim(&self, lock_timeout: Option<Duration>) -> Result<ClaimAttempt> {
        self.check()?;
        if !self.has_ready() && !self.has_dead_claimers() {
            return Ok(ClaimAttempt::Empty);
        }
        let guard = match lock_timeout {
            Some(timeout) => Guard::acquire(self, timeout)?,
            None => match Guard::try_acquire(self)? {
                Some(guard) => guard,
                None => return Ok(ClaimAttempt::Busy),
            },
        };
        let claimed = self.change(|| self.claim_next())?;
        drop(guard);
        Ok(claimed.map_or(ClaimAttempt::Empty, |job| ClaimAttempt::Claimed(Box::new(job))))
    }

    /// Returns whether a job is ready, or due, or a death has left it unknown. A few loads.
    pub(super) fn has_ready(&self) -> bool {
        self.jobs_in(JobState::Ready) > 0 || self.is_due() || self.is_unsettled()
    }

    fn claim_next(&self) -> Result<Option<ClaimedJob>> {
        let now = os::clock::boot_ns();
        self.promote(now)?;
        let (region, returned) = (&self.membership.region, Heap::returned(self));
        let is_empty = self.jobs_in(JobState::Ready) == 0;
        if is_empty || now.wrapping_sub(region.load(CHECKED)) > CHECK_NS {
            region.hint(CHECKED, now);
            self.reap()?;
        }
        let link = match returned.first() {
            0 => List::ready(self).first(),
            link => link,
        };
        if link == 0 {
            return Ok(None);
        }
        let job = Job::of(self, link)?;
        let word = job.word();
        self.leave(link, word)?;
        job.set_since(now);
        job.set_claim(self.issue(LAST_CLAIM));
        job.set_word(JobWord::claimed(word.attempts() + 1, self.membership.me));
        self.enter(&job)?;
        self.describe(&job).map(Some)
    }

    /// Returns a copy of a job.
    pub(super) fn describe(&self, job: &Job<'_>) -> Result<ClaimedJob> {
        let mut bytes = Vec::new();
        let kind = job.read_value(&mut bytes)?;
        let claim = ClaimId { link: job.link, claim: job.claim() };
        Ok(ClaimedJob { claim, id: job.id()?, attempts: job.word().attempts(), kind, bytes })
    }

    /// Runs a change of a job that this process has claimed.
    fn change_claimed<T>(
        &self,
        claim: ClaimId,
        work: impl FnOnce(Job<'_>, JobWord) -> Result<T>,
    ) -> Result<T> {
        self.check()?;
        let _guard = Guard::acquire(self, LOCK_TIMEOUT)?;
        let job = Job::of(self, claim.link)?;
        let word = job.word();
        let is_held = word.state() == Some(JobState::Claimed) && word.owner() == self.membership.me;
        if !is_held || job.claim() != claim.claim {
            return Err(Error::NotClaimed);
        }
        self.change(|| work(job, word))
    }

    /// Removes a job that is done.
    ///
    /// # Errors
    /// [`Error::NotClaimed`] if the claim has ended; [`Error::LockTimeout`], [`Error::Retired`], [`Error::Corrupt`].
    pub fn done(&self, claim: ClaimId) -> Result<()> {
        self.change_claimed(claim, |job, word| self.remove(&job, word, Some(Counter::Done)))
    }

    /// Removes a job from the queue.
    pub(super) fn remove(&self, job: &Job<'_>, word: JobWord, counter: Option<Counter>) -> Result<()> {
        let id = job.id()?;
        match counter {
            Some(counter) => self.commit(job, JobWord(0), counter),
            None => job.set_word(JobWord(0)),
        }
        self.leave(job.link, word)?;
        self.unindex(job.link, &id)?;
        job.free()
    }

    /// Ends a claim without success: the job becomes ready after `delay`, and comes after all that are ready, or is dead.
    ///
    /// # Errors
    /// As [`Queue::done`].
    pub fn fail(&self, claim: ClaimId, delay: Duration) -> Result<()> {
        self.change_claimed(claim, |job, word| {
            let state = if word.attempts() >= self.max_attempts() {
                job.set_place(self.issue(LAST_PLACE));
                JobState::Dead
            } else {
                self.place(&job, delay)
            };
            self.commit(&job, JobWord::new(state, word.attempts()), Counter::Failed);
            self.leave(job.link, word)?;
            self.enter(&job)
        })?;
        self.event().notify();
        Ok(())
    }

    /// Replaces the value of a claimed job, for the attempts after this one.
    ///
    /// # Errors
    /// As [`Queue::done`]; [`Error::Full`] and [`Error::TooLarge`], and the value stays as it was.
    pub fn update(&self, claim: ClaimId, value: JobValue<'_>) -> Result<()> {
        if u32::try_from(value.bytes.len()).is_err() {
            let size = value.bytes.len() as u64;
            return Err(Error::TooLarge { what: "value", size, limit: u32::MAX.into() });
        }
        self.growing(|| {
            self.change_claimed(claim, |job, _| {
                self.check_room(Queue::cells_for(8 + value.bytes.len()), "value")?;
                job.replace_value(value)
            })
        })
    }

    /// Ends a claim whose thread or handle has ended: the job comes back. Nothing happens if the claim has ended before.
    ///
    /// # Errors
    /// [`Error::LockTimeout`], and the job then comes back with the end of the process.
    pub fn abandon(&self, claim: ClaimId) -> Result<()> {
        match self.change_claimed(claim, |job, word| self.give_back(&job, word)) {
            Err(Error::NotClaimed) => return Ok(()),
            ended => ended?,
        }
        self.event().notify();
        Ok(())
    }

    /// Ends a claim that no caller has learnt of: as if it had not been.
    pub(super) fn unclaim(&self, claim: ClaimId) -> Result<()> {
        self.change_claimed(claim, |job, word| {
            job.set_word(JobWord::new(JobState::Returned, word.attempts().saturating_sub(1)));
            self.leave(job.link, word)?;
            self.enter(&job)
        })?;
        self.event().notify();
        Ok(())
    }

    /// Ends a claim: the job comes back before all that are ready, or is dead.
    pub(super) fn give_back(&self, job: &Job<'_>, word: JobWord) -> Result<()> {
        let state = if word.attempts() >= self.max_attempts() {
            job.set_place(self.issue(LAST_PLACE));
            JobState::Dead
        } else {
            JobState::Returned
        };
        self.commit(job, JobWord::new(state, word.attempts()), Counter::Returned);
        self.leave(job.link, word)?;
        self.enter(job)
    }
}
