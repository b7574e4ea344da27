//! Waiting for what other processes release: permits, locks, messages.
//!
//! What is waited for is a [`WaitCondition`]: it polls, and names the word to sleep on if it is not met. A blocked
//! thread sleeps on that word itself ([`BlockingWait`]). For all waits that must not block, one thread of the process
//! sleeps on all their words together ([`start`]), so that a pending wait costs an object and no thread; one more
//! thread sleeps for every 127 words past the first 127.
//!
//! Every sleep ends after a slice that grows from 1 ms to 50 ms. The next poll then checks the owners: this makes up
//! for a wake-up that was lost with a process that died, and detects a dead owner.

#![expect(clippy::disallowed_types, reason = "the words that the waiter thread sleeps on")]

mod sleeper;
mod thread;
mod wait_group;
mod wait_set;

pub use thread::{cancel, flush, next_ticket, settle, start};
/// The waits without their thread, for tests.
#[cfg(feature = "crash-points")]
pub use wait_set::WaitSet;

use crate::error::{Error, Result};
use crate::region::Region;
use shmkit_os as os;
use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

/// The first sleep. Each further one is twice as long, up to `LONGEST_SLICE`.
const FIRST_SLICE: Duration = Duration::from_millis(1);
/// The longest time before a dead owner is detected, or a lost wake-up made up for.
const LONGEST_SLICE: Duration = Duration::from_millis(50);
/// How often a blocking wait reads the word before it sleeps: about 2 us.
const SPINS: u32 = 60;

/// A condition that is polled until it is met. Dropping one that was met releases what it acquired, unless
/// that was taken out.
pub trait WaitCondition: Any + Send {
    /// Returns the word to sleep on while the condition is not met: always the same one.
    fn wait_word(&self) -> (&Region, u64);

    /// Polls once. With `check_owners` it also makes the system calls that tell whether an owner is dead.
    fn poll(&mut self, check_owners: bool) -> Polled;

    /// Returns when to poll again although the word has not changed, on the monotonic clock. Asked after each poll that finds
    /// the condition not met.
    fn poll_again_at(&self) -> Option<u64> {
        None
    }

    /// Returns what distinguishes this condition from others on its word, if a change of the word says which ones it
    /// concerns. It is then polled after such changes only: every change that it waits for must be one.
    fn topic(&self) -> Option<u64> {
        None
    }

    /// Returns the word's value, and the topics that the changes since it was `seen` concern; `None` if they are not
    /// known any more.
    fn changed_topics(&self, _seen: u32) -> Option<(u32, Vec<u64>)> {
        None
    }
}

/// The result of a poll.
#[derive(Debug)]
pub enum Polled {
    /// The condition is met, and not polled again.
    Done,
    /// It is not met.
    Unavailable {
        /// The value of the word to sleep on: sleep while it has this value.
        seen: u32,
        /// Whether other conditions on this word, which need less, may be met.
        wake_next: bool,
    },
    /// It will never be met.
    Failed(Error),
}

/// How a wait ended.
#[derive(Debug)]
pub enum Outcome {
    /// The condition was met.
    Done,
    /// The deadline passed.
    TimedOut,
    /// The condition will never be met.
    Failed(Error),
}

/// Receives finished waits. Called on the waiter's thread, so it must return soon.
pub trait Completion: Send + Sync {
    /// Receives a finished wait.
    fn complete(&self, ticket: u64, condition: Box<dyn WaitCondition>, outcome: Outcome);
    /// Learns that every change made before [`flush`] was called with this ticket has been polled for, and its
    /// waits completed.
    fn flushed(&self, ticket: u64);
}

/// A wait that blocks no thread.
pub struct Pending {
    /// Its ticket, from [`next_ticket`], for [`cancel`].
    pub ticket: u64,
    /// What is waited for.
    pub condition: Box<dyn WaitCondition>,
    /// When it times out, on the monotonic clock.
    pub deadline: Option<u64>,
    /// What receives its outcome.
    pub completion: Arc<dyn Completion>,
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pending").field("ticket", &self.ticket).finish_non_exhaustive()
    }
}

/// Returns the end of a timeout that starts now, on the monotonic clock; `None` for no timeout.
pub fn deadline_after(timeout: Option<Duration>) -> Option<u64> {
    let nanos = u64::try_from(timeout?.as_nanos()).unwrap_or(u64::MAX);
    Some(os::clock::monotonic_ns().saturating_add(nanos))
}

/// A wait that blocks the calling thread, turn by turn. Between two turns its caller may do something else.
#[derive(Debug)]
pub struct BlockingWait {
    deadline: Option<u64>,
    /// The longest duration of the next turn.
    slice: Duration,
    check_owners: bool,
}

impl BlockingWait {
    /// Creates a wait that ends at the deadline, on the monotonic clock.
    pub fn until(deadline: Option<u64>) -> Self {
        BlockingWait { deadline, slice: FIRST_SLICE, check_owners: false }
    }

    /// Polls the condition, and sleeps once if it is not met, for at most 50 ms. Returns whether it was met or the deadline
    /// has passed; `None` if neither is known.
    ///
    /// # Errors
    /// The condition's error.
    pub fn turn(&mut self, condition: &mut dyn WaitCondition) -> Result<Option<bool>> {
        let seen = match condition.poll(std::mem::take(&mut self.check_owners)) {
            Polled::Done => return Ok(Some(true)),
            Polled::Failed(error) => return Err(error),
            Polled::Unavailable { seen, .. } => seen,
        };
        let before = os::clock::monotonic_ns();
        let left = self.deadline.map(|end| Duration::from_nanos(end.saturating_sub(before)));
        if left == Some(Duration::ZERO) {
            return Ok(Some(false));
        }
        let (region, at) = condition.wait_word();
        let has_changed = (0..SPINS).any(|_| {
            std::hint::spin_loop();
            region.load32(at) != seen
        });
        if !has_changed {
            let slice = self.slice;
            os::futex::wait(region.futex(at), seen, left.map_or(slice, |left| slice.min(left)));
            if os::clock::monotonic_ns() - before >= slice.as_nanos() as u64 {
                self.check_owners = true;
                self.slice = (slice * 2).min(LONGEST_SLICE);
            }
        }
        Ok(None)
    }
}

/// Calls `turn`, which blocks the calling thread by its argument, until it returns a result.
///
/// # Errors
/// The first error of a turn.
pub fn block_until<T>(
    deadline: Option<u64>,
    mut turn: impl FnMut(&mut BlockingWait) -> Result<Option<T>>,
) -> Result<T> {
    let mut wait = BlockingWait::until(deadline);
    loop {
        if let Some(result) = turn(&mut wait)? {
            return Ok(result);
        }
    }
}

/// Blocks the calling thread until the condition is met; returns false at the deadline.
///
/// # Errors
/// The condition's error.
pub fn block_on(condition: &mut dyn WaitCondition, deadline: Option<u64>) -> Result<bool> {
    block_until(deadline, |wait| wait.turn(condition))
}
