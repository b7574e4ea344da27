//! Changes: each is one store of a job's word, between stores that follow from it.
//!
//! ```text
//! lock
//! jobs <- jobs + 1                      odd: whatever follows from the jobs may be wrong
//! new cells, new fields                 nothing looks at them in the present state of the job
//! intent <- none; word after, counter, value after; intent <- the cell
//! word of the job <- word after         the commit
//! counter <- value after
//! lists, heaps, buckets, free cells
//! jobs <- twice their number
//! unlock; wake
//! ```
//! An owner of the lock that finds `jobs` odd stores the counter again, if the job of the intent has the word after the
//! change, and rebuilds what follows from the jobs. The last intent always has the last value of its counter, so it does no
//! harm to find an old one.

use super::cell::{JobState, JobWord, Link};
use super::job::Job;
use super::layout::{self, COUNTERS, INTENT, JOBS, PROGRESS, READY};
use super::list::{Heap, List};
use super::{Queue, damaged};
use shmkit_object::error::{Error, Result};
use shmkit_os as os;

const INTENT_WORD: u64 = INTENT + 8;
const INTENT_COUNTER: u64 = INTENT + 16;
const INTENT_VALUE: u64 = INTENT + 24;

/// The offset of the number of ready jobs.
const READY_COUNT: u64 = READY + 8;
/// The offset of the number of dead jobs.
const DEAD_COUNT: u64 = layout::DEAD + 8;

/// The counters that only grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counter {
    Pushed = 0,
    Done = 1,
    Failed = 2,
    Returned = 3,
}

impl Counter {
    fn at(self) -> u64 {
        COUNTERS + 8 * self as u64
    }
}

impl Queue {
    pub(super) fn counter(&self, counter: Counter) -> u64 {
        self.membership.region.load(counter.at())
    }

    /// Returns how many jobs are in a state; returned ones count as ready.
    pub(super) fn jobs_in(&self, state: JobState) -> u32 {
        let region = &self.membership.region;
        match state {
            JobState::Ready => region.load32(READY_COUNT).saturating_add(Heap::returned(self).length()),
            JobState::Returned => Heap::returned(self).length(),
            JobState::Delayed => Heap::delayed(self).length(),
            JobState::Claimed => region.load32(layout::CLAIMED),
            JobState::Dead => region.load32(DEAD_COUNT),
        }
    }

    /// Returns the number of all jobs, by the counts of each state.
    fn all_jobs(&self) -> u64 {
        let states = [JobState::Ready, JobState::Delayed, JobState::Claimed, JobState::Dead];
        states.into_iter().map(|state| u64::from(self.jobs_in(state))).sum()
    }

    /// Runs a change. The caller holds the lock. After damage, the next owner of the lock rebuilds the queue.
    pub(super) fn change<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        // A link to a cell beyond those that this process knows would be damage in the middle of the change.
        self.cells()?;
        let region = &self.membership.region;
        region.store(JOBS, region.load(JOBS) | 1);
        let result = work();
        if !matches!(result, Err(Error::Corrupt(_))) {
            self.end_change();
        }
        result
    }

    pub(super) fn end_change(&self) {
        let region = &self.membership.region;
        region.store(PROGRESS, region.load(PROGRESS).wrapping_add(1));
        region.store(JOBS, 2 * self.all_jobs());
    }

    /// Returns the next number of a counter. A death skips it.
    pub(super) fn issue(&self, counter: u64) -> u64 {
        let next = self.membership.region.load(counter).wrapping_add(1);
        self.membership.region.store(counter, next);
        next
    }

    /// Commits a transition that counts.
    pub(super) fn commit(&self, job: &Job<'_>, word: JobWord, counter: Counter) {
        let (region, value) = (&self.membership.region, self.counter(counter).wrapping_add(1));
        region.store(INTENT, 0);
        region.store(INTENT_WORD, word.0);
        region.store(INTENT_COUNTER, counter as u64);
        region.store(INTENT_VALUE, value);
        region.store(INTENT, job.link.into());
        job.set_word(word);
        region.store(counter.at(), value);
    }

    /// Completes the counter of a transition that was committed.
    pub(super) fn apply_intent(&self) {
        let region = &self.membership.region;
        let counters = [Counter::Pushed, Counter::Done, Counter::Failed, Counter::Returned];
        let counter = counters.get(region.load(INTENT_COUNTER) as usize);
        if let (Ok(job), Some(counter)) = (Job::of(self, region.load(INTENT) as u32), counter) {
            let after = JobWord(region.load(INTENT_WORD));
            let word = job.word();
            // A job that is gone may be a free cell already, whose word has a link.
            let is_committed = word == after || after.state().is_none() && word.state().is_none();
            if is_committed {
                region.store(counter.at(), region.load(INTENT_VALUE));
            }
        }
    }

    /// Adds a job to where those in its state are found.
    pub(super) fn enter(&self, job: &Job<'_>) -> Result<()> {
        let word = job.word();
        match word.state().ok_or_else(damaged)? {
            JobState::Ready => {
                List::ready(self).push(job.link)?;
                self.add(READY_COUNT, 1);
            }
            JobState::Returned => Heap::returned(self).push(job.link)?,
            JobState::Delayed => Heap::delayed(self).push(job.link)?,
            JobState::Claimed => {
                List::claims(self, word.owner().slot).push(job.link)?;
                self.add(layout::CLAIMED, 1);
            }
            JobState::Dead => {
                List::dead(self).push(job.link)?;
                self.add(DEAD_COUNT, 1);
            }
        }
        Ok(())
    }

    /// Removes a job from where those with this word are found. One in a heap must be its first.
    pub(super) fn leave(&self, link: Link, word: JobWord) -> Result<()> {
        match word.state().ok_or_else(damaged)? {
            JobState::Ready => {
                List::ready(self).remove(link)?;
                self.add(READY_COUNT, -1);
            }
            JobState::Returned => Heap::returned(self).pop()?,
            JobState::Delayed => Heap::delayed(self).pop()?,
            JobState::Claimed => {
                List::claims(self, word.owner().slot).remove(link)?;
                self.add(layout::CLAIMED, -1);
            }
            JobState::Dead => {
                List::dead(self).remove(link)?;
                self.add(DEAD_COUNT, -1);
            }
        }
        Ok(())
    }

    fn add(&self, count: u64, change: i32) {
        let region = &self.membership.region;
        region.store32(count, region.load32(count).saturating_add_signed(change));
    }

    /// Empties everything that follows from the jobs.
    pub(super) fn clear_orders(&self) {
        let region = &self.membership.region;
        List::ready(self).clear();
        List::dead(self).clear();
        (0..self.membership.participants()).for_each(|slot| List::claims(self, slot).clear());
        Heap::delayed(self).clear();
        Heap::returned(self).clear();
        [READY_COUNT, DEAD_COUNT, layout::CLAIMED].into_iter().for_each(|count| region.store32(count, 0));
        self.clear_index();
    }

    /// Makes delayed jobs ready that are due, in the order in which they became due.
    pub(super) fn promote(&self, now: u64) -> Result<()> {
        let delayed = Heap::delayed(self);
        for _ in 0..delayed.length() {
            let job = Job::of(self, delayed.first())?;
            if job.due() > now {
                break;
            }
            let word = job.word();
            self.leave(job.link, word)?;
            job.set_place(self.issue(layout::LAST_PLACE));
            job.set_word(JobWord::new(JobState::Ready, word.attempts()));
            self.enter(&job)?;
        }
        Ok(())
    }

    /// Returns whether a delayed job is due.
    pub(super) fn is_due(&self) -> bool {
        let due = self.membership.region.load(layout::NEXT_DUE);
        due != 0 && due <= os::clock::boot_ns()
    }
}
