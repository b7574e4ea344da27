//! Messages between processes: any number of senders and receivers, each message to one receiver.
//!
//! The bytes of the ring are mapped twice in a row, so that every message is contiguous. Senders share a
//! lock that names its owner, and receivers share another. A sender copies its messages to `tail` and
//! commits with one store of `tail`; a receiver copies them out and commits with one store of `head`. A
//! process that is killed before its commit leaves everything as it was, and its lock to the next process
//! that proves it dead: there is nothing to recover. `docs/ring.md` lists what a death at each step leaves.
//!
//! | module | what it knows |
//! |---|---|
//! | `layout` | offsets; positions in a circular buffer |
//! | `file` | rings as a kind of named objects |
//! | `end_lock` | the lock of each end |
//! | `send`, `receive` | the two commits |
//! | `peek` | looking at messages that stay |
//! | `wipe` | overwriting received messages |
//! | `wait` | waiting for a message, for space, or for a lock |
//! | `stats` | counts |

mod end_lock;
mod file;
mod layout;
mod peek;
mod receive;
mod send;
mod stats;
#[cfg(all(test, not(miri)))]
mod tests;
mod wait;
mod wipe;

pub use end_lock::RingEnd;
pub use file::RingOptions;
pub use receive::Received;
pub use stats::RingStats;

use shmkit_object::error::{Error, Result};

use layout::{Cursor, HEADER_BYTES};
use shmkit_object::lock;
use shmkit_object::lock::event::EventCount;
use shmkit_object::membership::Membership;
use shmkit_object::region::Region;

/// How long [`Ring::send`] and [`Ring::receive`] usually wait for a living holder of the lock that makes no
/// progress.
pub use shmkit_object::lifecycle::DEFAULT_LOCK_TIMEOUT as LOCK_TIMEOUT;

/// An attached ring.
#[derive(Debug)]
pub struct Ring {
    membership: Membership,
    /// The messages' bytes, twice in a row.
    data: Region,
    cursor: Cursor,
    /// Whether received messages are overwritten.
    wipe: bool,
}

/// Outcome of an attempt to use one end of a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndAttempt<T> {
    /// The end's lock was free, and the operation took place.
    Done(T),
    /// Another participant holds the end's lock.
    Busy,
}

fn damaged() -> Error {
    Error::Corrupt("the ring holds no whole messages where it should".into())
}

impl Ring {
    fn new(membership: Membership, data: Region, cursor: Cursor) -> Ring {
        assert!(data.len() == 2 * cursor.size, "the bytes are mapped twice");
        let wipe = membership.superblock.options & file::OPTION_WIPE != 0;
        Ring { membership, data, cursor, wipe }
    }

    /// Returns the bytes of the longest message that an empty ring takes.
    pub fn longest(&self) -> u64 {
        (self.cursor.size - HEADER_BYTES).min(u64::from(u32::MAX))
    }

    /// Returns whether a participant, alive or dead, holds this end's lock. O(1).
    pub fn is_busy(&self, end: RingEnd) -> bool {
        lock::is_locked(&end_lock::EndLock::of(self, end))
    }

    fn check(&self) -> Result<()> {
        self.membership.check_writable()?;
        self.membership.live_epoch().map(drop)
    }

    /// Returns the eventcount that is notified when this end may have become usable.
    fn event(&self, end: RingEnd) -> EventCount<'_> {
        let at = match end {
            RingEnd::Send => layout::WRITABLE,
            RingEnd::Receive => layout::READABLE,
        };
        EventCount { region: &self.membership.region, at }
    }
}
