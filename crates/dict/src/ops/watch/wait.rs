//! Waiting until there is something for a watcher to read.

use super::read::ShardCursor;
use crate::segment::Segment;
use crate::shard::Shard;
use crate::wakeup::bell;
use shmkit_object::region::Region;
use shmkit_object::superblock::BELL;
use shmkit_object::waiter::{Polled, WaitCondition};
use shmkit_os as os;
use std::sync::Arc;

/// A wait until a dictionary has changed.
#[derive(Debug)]
pub struct WatcherWait {
    segment: Arc<Segment>,
    cursors: Vec<ShardCursor>,
    epoch: u64,
    rests_until: u64,
    is_resting: bool,
}

impl WatcherWait {
    pub(super) fn new(
        segment: Arc<Segment>,
        cursors: Vec<ShardCursor>,
        epoch: u64,
        rests_until: u64,
    ) -> WatcherWait {
        WatcherWait { segment, cursors, epoch, rests_until, is_resting: false }
    }

    fn has_changed(&self) -> bool {
        self.segment.epoch().epoch() != self.epoch
            || (0..).zip(&self.cursors).any(|(id, cursor)| cursor.is_behind(&Shard::new(&self.segment, id)))
    }
}

impl WaitCondition for WatcherWait {
    fn wait_word(&self) -> (&Region, u64) {
        (&self.segment.region, BELL)
    }

    fn poll(&mut self, _check_owners: bool) -> Polled {
        if self.has_changed() {
            return Polled::Done;
        }
        self.is_resting = os::clock::monotonic_ns() < self.rests_until;
        let seen = if self.is_resting {
            self.segment.region.load32(BELL)
        } else {
            bell(&self.segment).prepare_wait()
        };
        // The reader of the rings tells that the dictionary was replaced.
        if self.has_changed() || self.segment.live_epoch().is_err() {
            return Polled::Done;
        }
        Polled::Unavailable { seen, wake_next: true }
    }

    fn poll_again_at(&self) -> Option<u64> {
        self.is_resting.then_some(self.rests_until)
    }
}
