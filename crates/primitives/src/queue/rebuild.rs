//! Rebuilding what follows from the jobs, after a death in the middle of a change.

use super::Queue;
use super::cell::{JobState, JobWord};
use super::job::Job;
use super::layout::{FREE, FREE_CELLS, PROGRESS, USED_CELLS};
use shmkit_object::error::Result;

/// Cells after which waiters are shown that there is progress.
const PACE: u32 = 1 << 16;

impl Queue {
    /// Completes the last counter, and rebuilds lists, heaps, buckets and free cells from the words of the cells. The
    /// caller holds the lock. A process that dies in the middle of it leaves it to the next one.
    pub(super) fn rebuild(&self) -> Result<()> {
        let region = &self.membership.region;
        self.apply_intent();
        let used = region.load32(USED_CELLS).min(self.geometry.cells);
        let mut taken = vec![false; used as usize];
        let mut jobs = Vec::new();
        for link in 1..=used {
            if link % PACE == 0 {
                region.store(PROGRESS, region.load(PROGRESS).wrapping_add(1));
            }
            let job = Job::of(self, link)?;
            let Some(state) = job.word().state() else { continue };
            if self.takes_all(&job, &mut taken) {
                jobs.push((order(state, &job), job));
            } else {
                // Damage: no process leaves a job whose cells are missing, or another's.
                job.set_word(JobWord(0));
            }
        }
        self.clear_orders();
        self.rebuild_free(&taken)?;
        jobs.sort_unstable_by_key(|(order, job)| (*order, job.link));
        for (_, job) in &jobs {
            self.enter(job)?;
            self.index(job.link, &job.id()?)?;
        }
        Ok(())
    }

    /// Marks the cells of a job; returns false if one is no cell of its own.
    fn takes_all(&self, job: &Job<'_>, taken: &mut [bool]) -> bool {
        let mut links = vec![job.link];
        let walked = job.each_further_cell(|link| {
            links.push(link);
            // A chain that leads around in a circle has more cells than there are.
            if links.len() > taken.len() { Err(super::damaged()) } else { Ok(()) }
        });
        let is_free = |link: u32| {
            let is_further =
                link == job.link || Job::of(self, link).is_ok_and(|job| job.word().state().is_none());
            is_further && taken.get(link as usize - 1) == Some(&false)
        };
        if walked.is_err() || !links.iter().all(|link| is_free(*link)) || job.id().is_err() {
            return false;
        }
        links.sort_unstable();
        if links.windows(2).any(|pair| pair[0] == pair[1]) {
            return false;
        }
        links.into_iter().for_each(|link| taken[link as usize - 1] = true);
        true
    }

    fn rebuild_free(&self, taken: &[bool]) -> Result<()> {
        let region = &self.membership.region;
        region.store32(FREE, 0);
        region.store32(FREE_CELLS, 0);
        for (index, _) in taken.iter().enumerate().rev().filter(|(_, is_taken)| !**is_taken) {
            self.free_cell(index as u32 + 1)?;
        }
        Ok(())
    }
}

/// Returns the order in which jobs enter the lists.
fn order(state: JobState, job: &Job<'_>) -> u64 {
    match state {
        JobState::Ready | JobState::Delayed | JobState::Dead => job.place(),
        JobState::Returned => job.number(),
        JobState::Claimed => job.claim(),
    }
}
