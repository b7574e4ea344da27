//! Messages between processes: any number of senders and receivers, each message to one receiver.
//!
//! The bytes of the ring are mapped twice in a row, so that every message is contiguous. Senders share a
//! lock that names its owner, receivers another. A sender copies its messages behind `tail` and commits
//! with one store of `tail`; a receiver copies them out and commits with one store of `head`. So whoever
//! is killed before his commit leaves everything as it was, and his lock to whoever proves him dead: there
//! is nothing to recover. `docs/ring.md` asks at each step what happens if somebody dies there.
//!
//! | module | what it knows |
//! |---|---|
//! | `layout` | where everything is; positions that go round and round |
//! | `file` | rings as a kind of named objects |
//! | `turn` | the lock of an end |
//! | `send`, `receive` | the two commits |
//! | `bell`, `wait` | sleeping until there is something to do |
//! | `stats` | what there is |

mod end_lock;
mod file;
mod layout;
mod receive;
mod send;
mod stats;
#[cfg(all(test, not(miri)))]
mod tests;
mod wait;

pub use end_lock::End;
pub use file::{FORMAT, LARGEST, RingOptions};
pub use receive::Received;
pub use stats::RingStats;

use shmkit_object::error::{Error, Result};

use layout::{Circle, WORD_BYTES};
use shmkit_object::lock;
use shmkit_object::lock::event::Bell;
use shmkit_object::membership::Membership;
use shmkit_object::region::Region;

/// How long [`Ring::send`] and [`Ring::receive`] usually wait for a living holder of the lock who makes no
/// progress.
pub use shmkit_object::lifecycle::DEFAULT_LOCK_TIMEOUT as PATIENCE;

/// An attached ring.
#[derive(Debug)]
pub struct Ring {
    membership: Membership,
    /// The messages' bytes, twice in a row.
    data: Region,
    circle: Circle,
}

/// What came of a try at an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried<T> {
    /// It was made.
    Done(T),
    /// Somebody else is at work at this end.
    Busy,
}

fn damaged() -> Error {
    Error::Corrupt("the ring holds no whole messages where it should".into())
}

impl Ring {
    fn new(membership: Membership, data: Region, circle: Circle) -> Ring {
        assert!(data.len() == 2 * circle.size, "the bytes are mapped twice");
        Ring { membership, data, circle }
    }

    /// Bytes of the longest message that an empty ring takes.
    pub fn longest(&self) -> u64 {
        (self.circle.size - WORD_BYTES).min(u64::from(u32::MAX))
    }

    /// Whether somebody, alive or dead, is at work at this end. O(1).
    pub fn is_busy(&self, end: End) -> bool {
        lock::is_locked(&end_lock::EndLock::of(self, end))
    }

    fn check(&self) -> Result<()> {
        self.membership.check_writable()?;
        self.membership.live_epoch().map(drop)
    }

    /// The bell that rings when there may be something to do at this end.
    fn bell(&self, end: End) -> Bell<'_> {
        let at = match end {
            End::Send => layout::ROOMY,
            End::Receive => layout::READABLE,
        };
        Bell { region: &self.membership.region, at }
    }
}
