//! Which cells have memory, as far as this process knows, and taking memory for more.
//!
//! A queue that grows has addresses for the most cells that it may have, and memory for the first of them, with their places
//! in the tables. A shared word counts those. This process keeps a copy, which only grows, and looks at no place beyond
//! it: so no access needs memory that was never reserved, whatever the shared word says.

#![expect(clippy::disallowed_types, reason = "all threads of a process share what it knows of the file")]

use super::Queue;
use super::geometry::Geometry;
use shmkit_object::error::{Error, Result};
use shmkit_object::growth::{Growth, Refusal, RefusedUntil, step};
use shmkit_object::region::Region;
use shmkit_object::superblock::COMMITTED_PAGES;
use shmkit_object::sync::Ordering;
use shmkit_object::sync::plain::AtomicU32;
use std::ops::Range;

/// What has memory.
#[derive(Debug)]
pub(super) struct Extent {
    cells: AtomicU32,
    refused: RefusedUntil,
}

/// Bytes of a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueSpace {
    /// What it takes.
    pub taken: u64,
    /// What it may take: as much, if it does not grow.
    pub maximum: u64,
}

fn no_memory() -> Error {
    Error::Corrupt("the file has no memory for cells that it counts".into())
}

fn has_memory(region: &Region, ranges: impl IntoIterator<Item = Range<u64>>) -> bool {
    ranges.into_iter().all(|range| region.cover(range.start, range.end))
}

/// Returns how many cells have memory, by the shared word.
fn committed(region: &Region, geometry: &Geometry) -> u32 {
    // Pairs with the Release of the swap that commits cells.
    region.load(COMMITTED_PAGES).min(geometry.cells.into()) as u32
}

impl Extent {
    /// Returns what has memory at present.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if the file has no memory for that.
    pub(super) fn of(region: &Region, geometry: &Geometry) -> Result<Extent> {
        let cells = if geometry.is_elastic() { committed(region, geometry) } else { geometry.cells };
        if geometry.is_elastic() && !has_memory(region, geometry.parts(0..cells)) {
            return Err(no_memory());
        }
        Ok(Extent { cells: AtomicU32::new(cells), refused: RefusedUntil::default() })
    }
}

impl Queue {
    /// Returns the number of cells of which this process knows that they have memory.
    #[inline]
    pub(super) fn known_cells(&self) -> u32 {
        self.extent.cells.load(Ordering::Relaxed)
    }

    /// Returns whether a cell, counted from 0, exists and has memory.
    #[inline]
    pub(super) fn has_cell(&self, index: u32) -> bool {
        index < self.known_cells() || self.reaches_cell(index)
    }

    #[cold]
    #[inline(never)]
    fn reaches_cell(&self, index: u32) -> bool {
        index < self.geometry.cells && self.cells().is_ok_and(|cells| index < cells)
    }

    /// Returns the number of cells that have memory now.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if the file has no memory for them.
    pub(super) fn cells(&self) -> Result<u32> {
        let known = self.known_cells();
        if !self.geometry.is_elastic() {
            return Ok(known);
        }
        let region = &self.membership.region;
        let shared = committed(region, &self.geometry);
        if shared <= known {
            return Ok(known);
        }
        if !has_memory(region, self.geometry.cell_ranges(known..shared)) {
            return Err(no_memory());
        }
        self.note_cells(shared);
        Ok(shared)
    }

    /// Returns what the queue takes and may take. A few loads.
    ///
    /// # Errors
    /// [`Error::Retired`].
    pub fn space(&self) -> Result<QueueSpace> {
        self.membership.live_epoch()?;
        let (region, geometry) = (&self.membership.region, &self.geometry);
        if !geometry.is_elastic() {
            return Ok(QueueSpace { taken: geometry.size, maximum: geometry.size });
        }
        Ok(QueueSpace { taken: geometry.taken(committed(region, geometry)), maximum: geometry.max_size })
    }

    fn note_cells(&self, cells: u32) {
        self.extent.cells.fetch_max(cells, Ordering::Relaxed);
    }

    /// Returns what takes more memory.
    pub(super) fn growth(&self) -> Growth<'_> {
        Growth { membership: &self.membership, refused: &self.extent.refused }
    }

    /// Runs a call that needs free cells. While it finds too few, the queue grows, as far as it can.
    pub(super) fn growing<T>(&self, mut work: impl FnMut() -> Result<T>) -> Result<T> {
        loop {
            let known = self.known_cells();
            match work() {
                Err(Error::Full { needed, free, object, advice }) if self.geometry.is_elastic() => {
                    let missing = needed.saturating_sub(free).div_ceil(super::layout::CELL_BYTES);
                    match self.grow(known, missing) {
                        Ok(()) => {}
                        Err(Refusal::Locked(error)) => return Err(error),
                        Err(refusal) => {
                            let advice = format!("{advice}; {}", refusal.reason(self.geometry.max_size));
                            return Err(Error::Full { needed, free, object, advice });
                        }
                    }
                }
                outcome => return outcome,
            }
        }
    }

    /// Takes memory for `needed` more cells or for a step, whichever is more, as far as `maxSize` allows; nothing if there
    /// are more than `before` by now. The caller holds no lock.
    fn grow(&self, before: u32, needed: u64) -> std::result::Result<(), Refusal> {
        let grower = self.growth().begin(super::LOCK_TIMEOUT)?;
        let known = self.cells().map_err(|_| Refusal::FileSystem(self.membership.region.free_bytes()))?;
        if known > before {
            return Ok(());
        }
        let left = u64::from(self.geometry.cells - known);
        if left == 0 {
            return Err(Refusal::Maximum);
        }
        grower.check(needed * Geometry::BYTES_PER_CELL)?;
        let step = step(known.into(), needed.max(Geometry::LEAST_STEP), left, Geometry::BYTES_PER_CELL);
        match self.commit_cells(&grower, known, step) {
            Err(Refusal::FileSystem(_) | Refusal::Limit) if step > needed => {
                self.commit_cells(&grower, known, needed)
            }
            outcome => outcome,
        }
    }

    fn commit_cells(&self, grower: &Growth<'_>, before: u32, count: u64) -> std::result::Result<(), Refusal> {
        let after = self.geometry.whole_pages(u64::from(before) + count);
        grower.take(self.geometry.cell_ranges(before..after), count * Geometry::BYTES_PER_CELL)?;
        if grower.commit(before.into(), after.into()) {
            self.note_cells(after);
        }
        Ok(())
    }

    /// Forgets what this process knows, as if it had just attached: for tests that put an earlier image back.
    ///
    /// # Panics
    /// If the file has no memory for what it counts.
    pub fn learn_anew(&self) {
        let new = Extent::of(&self.membership.region, &self.geometry).expect("the image was sound");
        self.extent.cells.store(new.cells.load(Ordering::Relaxed), Ordering::Relaxed);
        self.extent.refused.forget();
    }
}
