//! The lock of the participant that takes more memory.

use super::Segment;
use shmkit_object::error::Result;
use shmkit_object::lock::{Lockable, Recover};
use shmkit_object::membership::Membership;
use shmkit_object::superblock::{COMMITTED_PAGES, GROWER};

/// The right to take more memory, as data under a lock. What an owner that died had reserved is reserved again, so
/// there is nothing to recover.
#[derive(Debug)]
pub(crate) struct Growing<'a>(pub &'a Segment);

impl Lockable for Growing<'_> {
    fn membership(&self) -> &Membership {
        &self.0.membership
    }

    fn lock_at(&self) -> u64 {
        GROWER
    }

    fn progress(&self) -> u64 {
        self.0.region.load(COMMITTED_PAGES)
    }
}

impl Recover for Growing<'_> {
    fn is_dirty(&self) -> bool {
        false
    }

    fn finish(&self) -> Result<()> {
        Ok(())
    }
}
