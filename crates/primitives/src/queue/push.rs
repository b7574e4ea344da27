//! Pushing jobs.

use super::Queue;
use super::cell::{JobState, JobWord};
use super::change::Counter;
use super::id::JobId;
use super::job::{Job, JobValue};
use super::layout::{LAST_NUMBER, LAST_PLACE};
use shmkit_object::error::{Error, Result};
use shmkit_object::lock::Guard;
use shmkit_os as os;
use std::time::Duration;

impl Queue {
    /// Pushes a job that becomes ready after `delay`, and returns its id; `None` if there is a job with this id, in whichever
    /// state. Without an id, it gets its number. O(bytes), and one system call if a claimer sleeps.
    ///
    /// # Errors
    /// [`Error::Full`] if there is no room, [`Error::TooLarge`] if there never is; [`Error::LockTimeout`],
    /// [`Error::Retired`], [`Error::ReadOnly`], [`Error::Corrupt`].
    pub fn push(&self, value: JobValue<'_>, delay: Duration, id: Option<&JobId>) -> Result<Option<JobId>> {
        self.check()?;
        if u32::try_from(value.bytes.len()).is_err() {
            let size = value.bytes.len() as u64;
            return Err(Error::TooLarge { what: "value", size, limit: u32::MAX.into() });
        }
        let pushed = self.growing(|| {
            let _guard = Guard::acquire(self, super::LOCK_TIMEOUT)?;
            self.change(|| self.insert(value, delay, id))
        })?;
        if pushed.is_some() && delay.is_zero() {
            self.event().notify();
        }
        Ok(pushed)
    }

    fn insert(&self, value: JobValue<'_>, delay: Duration, id: Option<&JobId>) -> Result<Option<JobId>> {
        if let Some(id) = id
            && self.find(id)?.is_some()
        {
            return Ok(None);
        }
        self.check_room(Job::cells(id, value), "job")?;
        // Those that are due now are before it.
        if self.is_due() {
            self.promote(os::clock::boot_ns())?;
        }
        let (number, name) = self.next_number(id)?;
        let job = Job::of(self, self.take_cell()?)?;
        job.set_number(number);
        let state = self.place(&job, delay);
        job.write(id, value)?;
        self.commit(&job, JobWord::new(state, 0), Counter::Pushed);
        self.add_bucket()?;
        self.index(job.link, &name)?;
        self.enter(&job)?;
        Ok(Some(name))
    }

    /// Returns the number of a new job, and its id. A user may have given a job the text of a number.
    fn next_number(&self, id: Option<&JobId>) -> Result<(u64, JobId)> {
        loop {
            let number = self.issue(LAST_NUMBER);
            match id {
                Some(id) => return Ok((number, id.clone())),
                None => {
                    let id = JobId::of_number(number);
                    if self.find(&id)?.is_none() {
                        return Ok((number, id));
                    }
                }
            }
        }
    }

    /// Stores what a job that becomes ready after `delay` needs, and returns its state.
    pub(super) fn place(&self, job: &Job<'_>, delay: Duration) -> JobState {
        job.set_place(self.issue(LAST_PLACE));
        if delay.is_zero() {
            return JobState::Ready;
        }
        let delay = u64::try_from(delay.as_nanos()).unwrap_or(u64::MAX);
        job.set_due(os::clock::boot_ns().saturating_add(delay));
        JobState::Delayed
    }
}
