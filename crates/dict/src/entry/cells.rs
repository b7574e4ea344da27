//! The cells: the parts of an entry that change in place. There are two of each; the version selects the current one.

use crate::layout::shape::{LIST_CELL, Shape};
use crate::layout::version::Version;
use shmkit_object::region::Region;

/// A copy of an entry's current cells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cells {
    /// The bits of a number or bigint.
    pub scalar: u64,
    /// Head, tail and length of a list, and the shard's sequence number at its last removal.
    pub list: [u64; 4],
    /// Deadline in boot-clock nanoseconds; 0 for none.
    pub deadline: u64,
}

impl Cells {
    /// Reads the cells that `version` selects.
    #[inline]
    pub fn read(region: &Region, block: u64, shape: &Shape, version: Version) -> Cells {
        let side = version.cell();
        let word = |part: u64, bytes: u64, index: u64| match part {
            0 => 0,
            part => region.load_relaxed(block + part + side * bytes + index * 8),
        };
        Cells {
            scalar: word(shape.scalar, 8, 0),
            list: match shape.list {
                0 => [0; 4],
                list => [0, 1, 2, 3].map(|index| word(list, LIST_CELL, index)),
            },
            deadline: word(shape.deadline, 8, 0),
        }
    }

    /// Writes all cells that `version` selects, and their checksum. Every one must be written, or a value of an older
    /// change would come back.
    pub fn write(&self, region: &Region, block: u64, shape: &Shape, version: Version, payload_check: u32) {
        let side = version.cell();
        if shape.scalar != 0 {
            region.store(block + shape.scalar + side * 8, self.scalar);
        }
        if shape.list != 0 {
            for (index, word) in self.list.into_iter().enumerate() {
                region.store(block + shape.list + side * LIST_CELL + index as u64 * 8, word);
            }
        }
        if shape.deadline != 0 {
            region.store(block + shape.deadline + side * 8, self.deadline);
        }
        if shape.check != 0 {
            region.store32(block + shape.check + 8 + side * 4, self.check(version, payload_check));
        }
    }

    /// Returns the CRC-32 of the version, these cells and the payload's checksum.
    pub fn check(&self, version: Version, payload_check: u32) -> u32 {
        let mut hasher = crc32fast::Hasher::new_with_initial(payload_check);
        for word in [version.0, self.scalar].into_iter().chain(self.list).chain([self.deadline]) {
            hasher.update(&word.to_le_bytes());
        }
        hasher.finalize()
    }
}
