//! The participants that watch. One with watchers has its generation in the table; then it sets `watched` in every shard,
//! under the shard's lock, and takes its cursor there: so it hears of every change by a writer that locks the shard later.
//! A writer now and then checks whether one of the participants lives, and else clears `watched`, under the same lock.

use crate::segment::{Participant, Segment};
use crate::shard::Shard;

impl Shard<'_> {
    /// Clears `watched` if no participant that lives has watchers. The caller must hold the lock.
    #[cold]
    pub(crate) fn check_watchers(&self) {
        if !self.segment.has_watchers() {
            self.set_watched(false);
        }
    }
}

impl Segment {
    /// Returns whether a participant that lives has watchers. O(slots), and a system call for each that may.
    pub(crate) fn has_watchers(&self) -> bool {
        (1..self.geometry.participants).any(|slot| {
            let generation = self.region.load32(self.geometry.watcher(slot));
            generation != 0 && !self.is_dead(Participant { slot, generation })
        })
    }
}
