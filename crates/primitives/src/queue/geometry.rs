//! Where everything is in a queue's file, as it follows from the size.

use super::layout::{CELL_BYTES, TABLES};
use std::ops::Range;

/// Bytes of a cell in the tables: a place in each heap, and at most one bucket.
const TABLE_BYTES: u64 = 12;
/// Sizes are multiples of this.
pub(super) const PAGE: u64 = 4096;
/// The smallest size.
pub(super) const MIN_SIZE: u64 = 64 << 10;
/// The largest size.
pub(super) const MAX_SIZE: u64 = 1 << 38;
/// The offset of the tables of a queue that grows.
const GROWING_TABLES: u64 = TABLES.next_multiple_of(PAGE);
/// Cells of a page.
const PAGE_CELLS: u64 = PAGE / CELL_BYTES;

/// Where everything is in a file of one size.
#[derive(Debug, Clone, Copy)]
pub(super) struct Geometry {
    /// The number of cells that there can be.
    pub cells: u32,
    /// The bytes that a queue may take which grows; 0 for one of fixed size.
    pub max_size: u64,
    /// The bytes of the file.
    pub size: u64,
    /// The number of buckets of a queue of fixed size, a power of two.
    pub buckets: u32,
    tables_at: u64,
    delayed_at: u64,
    returned_at: u64,
    cells_at: u64,
}

/// Returns how many cells a queue that grows has in this many bytes.
fn cells_in(bytes: u64) -> u64 {
    // What the last page of each table has room for is not counted.
    bytes.saturating_sub(GROWING_TABLES + 3 * PAGE) / Geometry::BYTES_PER_CELL / PAGE_CELLS * PAGE_CELLS
}

fn pages(bytes: u64) -> u64 {
    bytes.next_multiple_of(PAGE)
}

impl Geometry {
    /// Bytes that a cell takes with its places in the tables.
    pub(super) const BYTES_PER_CELL: u64 = CELL_BYTES + TABLE_BYTES;
    /// The fewest cells by which a queue grows, if there is room for them.
    pub(super) const LEAST_STEP: u64 = (64 << 10) / Geometry::BYTES_PER_CELL;

    /// Returns the geometry of a file of this size, which does not grow.
    pub(super) fn of(size: u64) -> Geometry {
        let space = size.saturating_sub(TABLES + CELL_BYTES);
        let cells = (space / Geometry::BYTES_PER_CELL) as u32;
        let buckets = 1 << cells.max(1).ilog2();
        let delayed_at = TABLES + 4 * u64::from(buckets);
        let returned_at = delayed_at + 4 * u64::from(cells);
        let cells_at = (returned_at + 4 * u64::from(cells)).next_multiple_of(64);
        Geometry { cells, max_size: 0, size, buckets, tables_at: TABLES, delayed_at, returned_at, cells_at }
    }

    /// Returns the geometry of a queue that may take this many bytes.
    pub(super) fn elastic(max_size: u64) -> Geometry {
        let cells = cells_in(max_size);
        let table = pages(4 * cells);
        let [delayed_at, returned_at, cells_at] = [1, 2, 3].map(|tables| GROWING_TABLES + tables * table);
        let (cells, size) = (cells as u32, cells_at + CELL_BYTES * cells);
        let tables_at = GROWING_TABLES;
        Geometry { cells, max_size, size, buckets: 0, tables_at, delayed_at, returned_at, cells_at }
    }

    /// Returns whether the queue grows.
    pub(super) fn is_elastic(&self) -> bool {
        self.max_size > 0
    }

    /// Returns how many cells have memory at first in a queue that grows.
    pub(super) fn first_cells(&self, first_size: u64) -> u32 {
        cells_in(first_size).min(self.cells.into()) as u32
    }

    /// Returns this number of cells, and those that share their last page.
    pub(super) fn whole_pages(&self, cells: u64) -> u32 {
        cells.next_multiple_of(PAGE_CELLS).min(self.cells.into()) as u32
    }

    /// Returns where cells, counted from 0, and their places in the tables are.
    pub(super) fn cell_ranges(&self, cells: Range<u32>) -> [Range<u64>; 4] {
        let (from, to) = (u64::from(cells.start), u64::from(cells.end));
        let tables = [self.tables_at, self.delayed_at, self.returned_at];
        let [buckets, delayed, returned] = tables.map(|at| at + 4 * from..at + 4 * to);
        [buckets, delayed, returned, self.cells_at + CELL_BYTES * from..self.cells_at + CELL_BYTES * to]
    }

    /// Returns what has memory if these cells have: their places, and what is before the tables.
    pub(super) fn parts(&self, cells: Range<u32>) -> impl Iterator<Item = Range<u64>> {
        std::iter::once(0..self.tables_at).chain(self.cell_ranges(cells))
    }

    /// Returns the bytes that are taken if this many cells have memory.
    pub(super) fn taken(&self, cells: u32) -> u64 {
        self.parts(0..cells).map(|range| pages(range.end - range.start)).sum()
    }

    /// Returns the offset of a bucket.
    pub(super) fn bucket_at(&self, number: u32) -> u64 {
        self.tables_at + 4 * u64::from(number)
    }

    /// Returns the offset of the heap of delayed jobs.
    pub(super) fn delayed_at(&self) -> u64 {
        self.delayed_at
    }

    /// Returns the offset of the heap of returned jobs.
    pub(super) fn returned_at(&self) -> u64 {
        self.returned_at
    }

    /// Returns the offset of a cell, counted from 0.
    #[inline]
    pub(super) fn cell_at(&self, index: u32) -> u64 {
        self.cells_at + CELL_BYTES * u64::from(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: [u64; 3] = [1 << 20, 1 << 30, MAX_SIZE];

    #[test]
    fn everything_fits_into_the_file() {
        for size in (0..200).map(|pages| MIN_SIZE + 4096 * pages).chain(SIZES) {
            let geometry = Geometry::of(size);
            assert!(geometry.cell_at(geometry.cells) <= size, "{size}");
            assert!(geometry.cell_at(geometry.cells) + 4096 + 2 * CELL_BYTES >= size - size / 16, "{size}");
        }
    }

    #[test]
    fn what_grows_takes_no_more_than_it_may_and_little_less() {
        for size in (0..200).map(|pages| MIN_SIZE + 4096 * pages).chain(SIZES) {
            let geometry = Geometry::elastic(size);
            assert!(geometry.cells > 0 && geometry.cell_at(geometry.cells) == geometry.size, "{size}");
            let taken = geometry.taken(geometry.cells);
            assert!(taken <= size && taken + 5 * PAGE > size, "{size}: {taken}");
            let first = geometry.first_cells(MIN_SIZE);
            assert!(first > 0 && geometry.taken(first) <= MIN_SIZE, "{size}");
            let mut end = 0;
            for part in geometry.parts(0..geometry.cells) {
                assert!(part.start >= end && part.start.is_multiple_of(PAGE), "{size}");
                end = part.end;
            }
        }
    }
}
