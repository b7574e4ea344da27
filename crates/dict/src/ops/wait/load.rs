//! Waiting until the load of another holder ends.

use crate::lease::AwaitedLease;
use crate::ops::Dict;
use crate::segment::Segment;
use crate::shard::Shard;
use crate::value::Key;
use shmkit_object::error::Result;
use shmkit_object::region::Region;
use shmkit_object::waiter::{Polled, WaitCondition};
use std::sync::Arc;

impl Dict {
    /// Returns what to wait for while another holder has the lease of a missing key; `None` if there is a value, or the lease
    /// may be asked for now. After the wait, look for the value and ask again.
    ///
    /// # Errors
    /// Those of `lease_acquire`.
    pub fn load_wait(&self, key: Key<'_>) -> Result<Option<LoadWait>> {
        let hash = self.hash(key);
        let guard = self.lock_for(hash)?;
        let found = guard.find(key, hash, &mut Vec::new()).entry;
        if found.is_some_and(|(_, entry)| self.is_live(&entry, guard.epoch())) {
            return Ok(None);
        }
        let lease = guard.wait_for_lease(hash, self.now());
        Ok(lease.map(|lease| LoadWait { segment: self.segment.clone(), lease }))
    }
}

/// A wait until a lease is stored, released or broken, or late, or its holder is dead.
#[derive(Debug)]
pub struct LoadWait {
    segment: Arc<Segment>,
    lease: AwaitedLease,
}

impl LoadWait {
    fn shard(&self) -> Shard<'_> {
        Shard::new(&self.segment, self.lease.shard)
    }
}

impl WaitCondition for LoadWait {
    fn wait_word(&self) -> (&Region, u64) {
        (&self.segment.region, self.shard().awaited_at(self.lease))
    }

    fn poll(&mut self, check_owners: bool) -> Polled {
        if let Err(retired) = self.segment.live_epoch() {
            return Polled::Failed(retired);
        }
        match self.shard().awaited_state(self.lease, check_owners) {
            Some(seen) => Polled::Unavailable { seen, wake_next: true },
            None => Polled::Done,
        }
    }
}
