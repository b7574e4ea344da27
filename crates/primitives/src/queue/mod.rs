//! Jobs that are not lost: each is handed to one claimer at a time, and comes back if that one dies.
//!
//! A job is a chain of cells, and the first word of the first one is its state: every transition is one store of it. The
//! orders in which jobs are found, the buckets of their ids and the free cells follow from the jobs, and are rebuilt after a
//! death in the middle of a change. `docs/queue.md` lists what a death at each step leaves.
//!
//! | module | what it knows |
//! |---|---|
//! | `layout`, `geometry`, `file` | offsets; what depends on the size; queues as a kind of named objects |
//! | `extent` | which cells have memory, and taking more |
//! | `cell`, `job`, `id` | chains of cells; jobs; their ids |
//! | `list`, `index` | lists and heaps; buckets of ids |
//! | `change`, `rebuild` | the frame of a change, its intent, and recovery |
//! | `push`, `claim` | the ways of a job |
//! | `reap` | claims of the dead |
//! | `inspect` | claims, dead jobs, counts |
//! | `observe` | claims, without the lock |
//! | `wait` | waiting for a job |
//! | `wipe` | overwriting what was in free cells |

mod cell;
mod change;
mod claim;
mod extent;
mod file;
mod geometry;
mod id;
mod index;
mod inspect;
mod job;
mod layout;
mod list;
mod observe;
mod push;
mod reap;
mod rebuild;
#[cfg(test)]
mod tests;
mod wait;
mod wipe;

pub use claim::{ClaimAttempt, ClaimId, ClaimedJob};
pub use extent::QueueSpace;
pub use file::QueueOptions;
pub use id::JobId;
pub use inspect::{ClaimRow, DeadJob, QueueStats};
pub use job::JobValue;
pub use wait::PendingClaim;

use extent::Extent;
use geometry::Geometry;
use id::Secret;
use shmkit_object::error::{Error, Result};
use shmkit_object::lock::event::EventCount;
use shmkit_object::lock::{Lockable, Recover};
use shmkit_object::membership::Membership;

/// How long a call usually waits for a living process that changes the queue and makes no progress.
pub use shmkit_object::lifecycle::DEFAULT_LOCK_TIMEOUT as LOCK_TIMEOUT;

/// An attached queue.
#[derive(Debug)]
pub struct Queue {
    membership: Membership,
    geometry: Geometry,
    extent: Extent,
    secret: Secret,
    wipes: bool,
}

fn damaged() -> Error {
    Error::Corrupt("the queue holds no whole jobs where it should".into())
}

impl Queue {
    fn new(membership: Membership) -> Result<Queue> {
        let geometry = file::geometry_of(&membership.superblock)?;
        let extent = Extent::of(&membership.region, &geometry)?;
        let secret = Secret::new(&membership.superblock.hash_key);
        let wipes = membership.superblock.options & file::OPTION_WIPE != 0;
        Ok(Queue { membership, geometry, extent, secret, wipes })
    }

    fn check(&self) -> Result<()> {
        self.membership.check_writable()?;
        self.membership.live_epoch().map(drop)
    }

    fn max_attempts(&self) -> u32 {
        self.membership.superblock.parameters[1] as u32
    }

    /// Returns whether a change is in progress, or was interrupted by a death.
    fn is_unsettled(&self) -> bool {
        self.membership.region.load(layout::JOBS) & 1 != 0
    }

    /// Returns the eventcount that is notified when a job became ready.
    fn event(&self) -> EventCount<'_> {
        EventCount { region: &self.membership.region, at: layout::EVENT }
    }
}

impl Lockable for Queue {
    fn membership(&self) -> &Membership {
        &self.membership
    }

    fn lock_at(&self) -> u64 {
        layout::LOCK
    }

    fn progress(&self) -> u64 {
        self.membership.region.load(layout::PROGRESS)
    }
}

impl Recover for Queue {
    fn is_dirty(&self) -> bool {
        self.is_unsettled()
    }

    fn finish(&self) -> Result<()> {
        self.rebuild()?;
        self.end_change();
        Ok(())
    }
}
