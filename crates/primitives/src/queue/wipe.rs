//! Wiping, for queues made with that option: a free cell holds nothing of what was in it.
//!
//! Cells are freed inside a change. If its process dies in the middle of it, the queue is rebuilt, which frees all cells
//! again that belong to no job.

use super::Queue;
use super::cell::LINKED_BYTES;

const ZEROS: [u8; LINKED_BYTES] = [0; LINKED_BYTES];

impl Queue {
    /// Overwrites bytes of a cell with zeros, if the queue wipes. The caller holds the lock.
    pub(super) fn wipe(&self, at: u64, bytes: usize) {
        if self.wipes {
            self.membership.region.copy_in(at, &ZEROS[..bytes.min(LINKED_BYTES)]);
        }
    }
}
