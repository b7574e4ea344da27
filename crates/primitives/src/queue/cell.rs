//! Cells: jobs, and what does not fit into a job's first cell.

use super::layout::{CELL_BYTES, FREE, FREE_CELLS, USED_CELLS};
use super::{Queue, damaged};
use shmkit_object::error::{Error, Result};
use shmkit_object::membership::Participant;

/// Bytes of a further cell past its link.
pub(super) const LINKED_BYTES: usize = (CELL_BYTES - 8) as usize;
/// Bytes of a job's first cell for id and value.
pub(super) const INLINE_BYTES: usize = 40;

/// The state of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JobState {
    /// Waits in the order in which jobs became ready.
    Ready = 1,
    /// Came back from a claim that ended with its claimer: before all ready ones.
    Returned = 2,
    /// Waits until it is due.
    Delayed = 3,
    /// A participant works on it.
    Claimed = 4,
    /// Was handed out as often as the queue allows.
    Dead = 5,
}

/// The first word of a job: every transition is one store of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct JobWord(pub u64);

impl JobWord {
    pub(super) fn new(state: JobState, attempts: u32) -> Self {
        JobWord(state as u64 | u64::from(attempts.min(u32::from(u16::MAX))) << 8)
    }

    pub(super) fn claimed(attempts: u32, owner: Participant) -> Self {
        let JobWord(word) = JobWord::new(JobState::Claimed, attempts);
        JobWord(word | u64::from(owner.slot) << 24 | u64::from(owner.generation) << 34)
    }

    /// Returns `None` for a cell that is no job.
    pub(super) fn state(self) -> Option<JobState> {
        match self.0 & 7 {
            1 => Some(JobState::Ready),
            2 => Some(JobState::Returned),
            3 => Some(JobState::Delayed),
            4 => Some(JobState::Claimed),
            5 => Some(JobState::Dead),
            _ => None,
        }
    }

    pub(super) fn attempts(self) -> u32 {
        (self.0 >> 8) as u32 & 0xFFFF
    }

    pub(super) fn owner(self) -> Participant {
        Participant { slot: (self.0 >> 24) as u32 & 0x3FF, generation: (self.0 >> 34) as u32 & 0x1F_FFFF }
    }
}

/// A link to a cell: its index plus one.
pub(super) type Link = u32;

impl Queue {
    /// Returns the offset of a linked cell.
    #[inline]
    pub(super) fn at(&self, link: Link) -> Result<u64> {
        match link.checked_sub(1) {
            Some(index) if self.has_cell(index) => Ok(self.geometry.cell_at(index)),
            _ => Err(damaged()),
        }
    }

    /// Returns how many cells are free.
    pub(super) fn free_cells(&self) -> u32 {
        let (region, cells) = (&self.membership.region, self.known_cells());
        let unused = cells.saturating_sub(region.load32(USED_CELLS));
        unused.saturating_add(region.load32(FREE_CELLS)).min(cells)
    }

    /// Checks that there are this many free cells.
    ///
    /// # Errors
    /// [`Error::TooLarge`] if there never are, [`Error::Full`] if there are not now.
    pub(super) fn check_room(&self, cells: u64, what: &'static str) -> Result<()> {
        let [needed, all, free] =
            [cells, self.geometry.cells.into(), self.free_cells().into()].map(|cells| cells * CELL_BYTES);
        if needed > all {
            return Err(Error::TooLarge { what, size: needed, limit: all });
        }
        if needed > free {
            let (object, advice) = (String::new(), "; jobs leave when they are done".to_owned());
            return Err(Error::Full { needed, free, object, advice });
        }
        Ok(())
    }

    /// Takes a free cell. The caller has checked that there is one. A death gives it back.
    pub(super) fn take_cell(&self) -> Result<Link> {
        let region = &self.membership.region;
        let first = region.load32(FREE);
        if first == 0 {
            let used = region.load32(USED_CELLS);
            if used >= self.known_cells() {
                return Err(damaged());
            }
            region.store32(USED_CELLS, used + 1);
            region.store(self.geometry.cell_at(used), 0);
            return Ok(used + 1);
        }
        let word = region.load(self.at(first)?);
        region.store32(FREE, (word >> 32) as u32);
        region.store32(FREE_CELLS, region.load32(FREE_CELLS).saturating_sub(1));
        Ok(first)
    }

    /// Makes a cell free that belongs to nothing any more.
    pub(super) fn free_cell(&self, link: Link) -> Result<()> {
        let (region, at) = (&self.membership.region, self.at(link)?);
        self.wipe(at + 8, LINKED_BYTES);
        region.store(at, u64::from(region.load32(FREE)) << 32);
        region.store32(FREE, link);
        region.store32(FREE_CELLS, region.load32(FREE_CELLS).saturating_add(1));
        Ok(())
    }

    /// Returns how many further cells hold this many bytes.
    pub(super) fn cells_for(bytes: usize) -> u64 {
        bytes.div_ceil(LINKED_BYTES) as u64
    }

    /// Writes a word and bytes to further cells. Returns the first one.
    pub(super) fn write_chain(&self, head: &[u8], bytes: &[u8]) -> Result<Link> {
        let region = &self.membership.region;
        // From the last one on, so that each knows the next one. The first has the head, which is a word or nothing.
        let first_bytes = bytes.len().min(LINKED_BYTES - head.len());
        let (first, rest) = bytes.split_at(first_bytes);
        let mut next = 0;
        for part in rest.chunks(LINKED_BYTES).rev() {
            let link = self.take_cell()?;
            let at = self.at(link)?;
            region.store(at, u64::from(next) << 32);
            region.copy_in(at + 8, part);
            next = link;
        }
        let link = self.take_cell()?;
        let at = self.at(link)?;
        region.store(at, u64::from(next) << 32);
        region.copy_in_both(at + 8, head, first);
        Ok(link)
    }

    /// Calls `work` with each cell of a chain that holds this many bytes.
    pub(super) fn walk_chain(
        &self,
        mut link: Link,
        bytes: usize,
        mut work: impl FnMut(Link, u64, usize) -> Result<()>,
    ) -> Result<()> {
        // A chain holds each cell once at most, however a damaged one is linked.
        if Self::cells_for(bytes) > u64::from(self.known_cells()) {
            return Err(damaged());
        }
        let mut left = bytes;
        loop {
            let at = self.at(link)?;
            let next = (self.membership.region.load(at) >> 32) as u32;
            let here = left.min(LINKED_BYTES);
            work(link, at + 8, here)?;
            left -= here;
            if left == 0 {
                return Ok(());
            }
            link = next;
        }
    }

    /// Returns the bytes of a chain.
    pub(super) fn read_chain(&self, link: Link, bytes: usize, out: &mut Vec<u8>) -> Result<()> {
        self.walk_chain(link, bytes, |_, at, here| {
            self.membership.region.copy_out(at, here, out);
            Ok(())
        })
    }

    /// Makes the cells of a chain free.
    pub(super) fn free_chain(&self, link: Link, bytes: usize) -> Result<()> {
        self.walk_chain(link, bytes, |link, _, _| self.free_cell(link))
    }
}
