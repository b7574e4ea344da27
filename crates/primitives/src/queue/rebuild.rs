//! Rebuilding what follows from the jobs, after a death in the middle of a change.

use super::Queue;
use super::cell::{JobState, JobWord};
use super::job::Job;
use super::layout::{FREE, FREE_CELLS, PROGRESS, USED_CELLS};
use shmkit_object::error::Result;

/// Cells after which waiters are shown that there is progress.
const PACE: u32 = 1 << 16;

/// What a cell was found to be part of. Each is taken once, so a rebuild takes time in proportion to the cells, also if
/// damaged jobs share them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CellUse {
    None,
    OfJob,
    OfDamage,
}

impl Queue {
    /// Completes the last counter, and rebuilds lists, heaps, buckets and free cells from the words of the cells. The
    /// caller holds the lock. A process that dies in the middle of it leaves it to the next one.
    pub(super) fn rebuild(&self) -> Result<()> {
        let region = &self.membership.region;
        // Before anything is dropped as damage: a process that cannot map all cells must not rebuild.
        let cells = self.cells()?;
        self.apply_intent();
        let used = region.load32(USED_CELLS).min(cells);
        let mut uses = vec![CellUse::None; used as usize];
        let mut jobs = Vec::new();
        for link in 1..=used {
            if link % PACE == 0 {
                region.store(PROGRESS, region.load(PROGRESS).wrapping_add(1));
            }
            let job = Job::of(self, link)?;
            let Some(state) = job.word().state() else { continue };
            if self.takes_all(&job, &mut uses) {
                job.wipe_inline_value();
                jobs.push((order(state, &job), job));
            } else {
                // Damage: no process leaves a job whose cells are missing, or another's.
                job.set_word(JobWord(0));
            }
        }
        self.clear_orders();
        self.rebuild_free(&uses)?;
        jobs.sort_unstable_by_key(|(order, job)| (*order, job.link));
        for (_, job) in &jobs {
            self.enter(job)?;
            self.index(job.link, &job.id()?)?;
        }
        Ok(())
    }

    /// Takes the cells of a job; returns false if one is no cell of its own.
    fn takes_all(&self, job: &Job<'_>, uses: &mut [CellUse]) -> bool {
        let mut links = Vec::new();
        let mut take = |link: u32| {
            let is_first = link == job.link;
            let is_ours = is_first || Job::of(self, link).is_ok_and(|job| job.word().state().is_none());
            match uses.get_mut(link as usize - 1) {
                Some(cell_use @ CellUse::None) if is_ours => {
                    *cell_use = CellUse::OfJob;
                    links.push(link);
                    Ok(())
                }
                _ => Err(super::damaged()),
            }
        };
        let took = take(job.link).and_then(|()| job.each_further_cell(take));
        let is_whole = took.is_ok() && job.id().is_ok();
        if !is_whole {
            links.into_iter().for_each(|link| uses[link as usize - 1] = CellUse::OfDamage);
        }
        is_whole
    }

    fn rebuild_free(&self, uses: &[CellUse]) -> Result<()> {
        let region = &self.membership.region;
        region.store32(FREE, 0);
        region.store32(FREE_CELLS, 0);
        for (index, _) in uses.iter().enumerate().rev().filter(|(_, cell)| **cell != CellUse::OfJob) {
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
