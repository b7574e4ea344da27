//! Broadcast between processes: every subscriber hears every message, or how many it missed.
//!
//! The bytes of the ring are mapped twice in a row, so that every message is contiguous. Posters share a lock that
//! names its owner. A poster first moves `oldest` past the messages that give way, then copies its own to `head`, and
//! commits with one store of `head`. Subscribers lock nothing and leave no trace in shared memory: each has a
//! position of its own, copies what lies between it and `head`, and then checks whether `oldest` has passed it
//! meanwhile. `docs/channel.md` lists what a death at each step leaves.
//!
//! | module | what it knows |
//! |---|---|
//! | `layout` | offsets; positions in a circular buffer |
//! | `file` | channels as a kind of named objects |
//! | `post` | the commit |
//! | `subscribe` | positions of subscribers, and reading |
//! | `wait` | waiting for a message |
//! | `stats` | counts |

mod file;
mod layout;
mod post;
mod stats;
mod subscribe;
#[cfg(all(test, not(miri)))]
mod tests;
mod wait;

pub use file::ChannelOptions;
pub use stats::ChannelStats;
pub use subscribe::{Batch, Start, Subscription};
pub use wait::Unheard;

use layout::Positions;
use shmkit_object::error::Result;
use shmkit_object::lock::event::EventCount;
use shmkit_object::lock::{Lockable, Recover};
use shmkit_object::membership::Membership;
use shmkit_object::region::Region;

/// How long a poster usually waits for a living one that makes no progress.
pub use shmkit_object::lifecycle::DEFAULT_LOCK_TIMEOUT as LOCK_TIMEOUT;

/// An attached channel.
#[derive(Debug)]
pub struct Channel {
    membership: Membership,
    /// The messages' bytes, twice in a row.
    data: Region,
    positions: Positions,
}

/// What is posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message<'b> {
    /// What the bytes are; the channel does not look at it.
    pub kind: u8,
    /// Its bytes.
    pub bytes: &'b [u8],
}

impl Channel {
    fn new(membership: Membership, data: Region, positions: Positions) -> Channel {
        assert!(data.len() == 2 * positions.size, "the bytes are mapped twice");
        Channel { membership, data, positions }
    }

    /// Returns the bytes of the longest message.
    pub fn longest(&self) -> u64 {
        self.positions.longest_record() - layout::HEADER_BYTES
    }

    fn check(&self) -> Result<()> {
        self.membership.check_writable()?;
        self.membership.live_epoch().map(drop)
    }

    /// Returns the eventcount that is notified when a message was posted.
    fn event(&self) -> EventCount<'_> {
        EventCount { region: &self.membership.region, at: layout::EVENT }
    }
}

impl Lockable for Channel {
    fn membership(&self) -> &Membership {
        &self.membership
    }

    fn lock_at(&self) -> u64 {
        layout::LOCK
    }

    fn progress(&self) -> u64 {
        self.membership.region.load(layout::HEAD)
    }

    /// Counts the take-over, first of all under the lock. If this process dies before the store, the next
    /// owner takes over in turn, and counts one for both.
    fn note_taken_over(&self) {
        let region = &self.membership.region;
        region.store(layout::TAKEN_OVER, region.load(layout::TAKEN_OVER).wrapping_add(1));
    }
}

/// Nothing is to be recovered: what was not committed has no effect.
impl Recover for Channel {
    fn is_dirty(&self) -> bool {
        false
    }

    fn finish(&self) -> Result<()> {
        Ok(())
    }
}
