//! Waiting for something that other processes give: permits, locks, messages.
//!
//! What is waited for is an [`Attempt`]: it tries, and says on which word to sleep if it failed. A blocked
//! thread sleeps on that word itself ([`block_on`]); for all that must not block, one thread of the
//! process sleeps on all words together ([`start`]), so a pending wait costs an object and no thread.
//!
//! Every sleep ends after a slice of 1 ms growing to 50 ms. Then the attempt looks around: a wake-up that
//! was lost with a process that died is made up for, and a dead owner is noticed.

mod thread;
mod waiting;

pub use thread::{cancel, confirm, next_ticket, start};
/// The waits without their thread, for tests.
#[cfg(feature = "crash-points")]
pub use waiting::Waiting;

use crate::error::{Error, Result};
use crate::region::Region;
use shmkit_os as os;
use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

/// The first sleep; each further one is twice as long, up to `LONGEST_SLICE`.
const FIRST_SLICE: Duration = Duration::from_millis(1);
/// A dead owner is noticed, and a lost wake-up healed, after this time at the latest.
const LONGEST_SLICE: Duration = Duration::from_millis(50);
/// Looks at the word before a blocking wait sleeps: about 2 us.
const SPINS: u32 = 60;

/// Something that is tried until it succeeds. Dropping one that succeeded gives back what it got, unless
/// somebody took it out.
pub trait Attempt: Any + Send {
    /// The word to sleep on while it fails: always the same.
    fn place(&self) -> (&Region, u64);

    /// Tries once. With `look_around` also what costs system calls: whether an owner is dead.
    fn attempt(&mut self, look_around: bool) -> Attempted;
}

/// What came of a try.
#[derive(Debug)]
pub enum Attempted {
    /// It succeeded, and is not tried again.
    Done,
    /// It failed, as would everybody else's on this word: sleep while it has this value.
    Blocked(u32),
    /// It failed, but others who want less may succeed: sleep while the word has this value.
    Starved(u32),
    /// It will never succeed.
    Failed(Error),
}

/// How a wait ended.
#[derive(Debug)]
pub enum Outcome {
    /// The attempt succeeded.
    Done,
    /// Its time was up.
    TimedOut,
    /// It will never succeed.
    Failed(Error),
}

/// Where finished waits go. Called on the waiter's thread, which must not be kept.
pub trait Sink: Send + Sync {
    /// Takes a finished wait back.
    fn deliver(&self, ticket: u64, attempt: Box<dyn Attempt>, outcome: Outcome);
    /// All that had changed before [`confirm`] was called with this ticket has been looked at, and delivered.
    fn confirm(&self, ticket: u64);
}

/// A wait that blocks nobody.
pub struct Pending {
    /// Names it, for [`cancel`]; from [`next_ticket`].
    pub ticket: u64,
    /// What is tried.
    pub attempt: Box<dyn Attempt>,
    /// When to give up, on the monotonic clock.
    pub deadline: Option<u64>,
    /// Who is told.
    pub sink: Arc<dyn Sink>,
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pending").field("ticket", &self.ticket).finish_non_exhaustive()
    }
}

/// The end of a timeout that starts now, on the monotonic clock; `None` for no timeout.
pub fn deadline_after(timeout: Option<Duration>) -> Option<u64> {
    let nanos = u64::try_from(timeout?.as_nanos()).unwrap_or(u64::MAX);
    Some(os::clock::monotonic_ns().saturating_add(nanos))
}

/// Blocks the calling thread until the attempt succeeds; false at the deadline.
///
/// # Errors
/// What the attempt fails with.
pub fn block_on(attempt: &mut dyn Attempt, deadline: Option<u64>) -> Result<bool> {
    let mut slice = FIRST_SLICE;
    let mut look_around = false;
    loop {
        let seen = match attempt.attempt(look_around) {
            Attempted::Done => return Ok(true),
            Attempted::Failed(error) => return Err(error),
            Attempted::Blocked(seen) | Attempted::Starved(seen) => seen,
        };
        let before = os::clock::monotonic_ns();
        let left = deadline.map(|end| Duration::from_nanos(end.saturating_sub(before)));
        if left == Some(Duration::ZERO) {
            return Ok(false);
        }
        let (region, at) = attempt.place();
        let has_changed = (0..SPINS).any(|_| {
            std::hint::spin_loop();
            region.load32(at) != seen
        });
        look_around = false;
        if !has_changed {
            os::futex::wait(region.futex(at), seen, left.map_or(slice, |left| slice.min(left)));
            look_around = os::clock::monotonic_ns() - before >= slice.as_nanos() as u64;
        }
        if look_around {
            slice = (slice * 2).min(LONGEST_SLICE);
        }
    }
}
