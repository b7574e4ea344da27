//! The per-end locks of a ring: one for senders, one for receivers.

use super::{Ring, layout};
use shmkit_object::error::Result;
use shmkit_object::lock::{Guard, Lockable, Recover};
use shmkit_object::membership::Membership;
use std::time::Duration;

/// An end of a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RingEnd {
    /// Where messages are written.
    Send,
    /// Where messages are read.
    Receive,
}

/// The lock of one end.
#[derive(Debug, Clone, Copy)]
pub(super) struct EndLock<'a> {
    ring: &'a Ring,
    end: RingEnd,
}

impl<'a> EndLock<'a> {
    /// Returns the lock of an end of this ring.
    pub(super) fn of(ring: &'a Ring, end: RingEnd) -> Self {
        EndLock { ring, end }
    }
}

impl Lockable for EndLock<'_> {
    fn membership(&self) -> &Membership {
        &self.ring.membership
    }

    fn lock_at(&self) -> u64 {
        match self.end {
            RingEnd::Send => layout::SEND_LOCK,
            RingEnd::Receive => layout::RECEIVE_LOCK,
        }
    }

    fn progress(&self) -> u64 {
        self.ring.membership.region.load(match self.end {
            RingEnd::Send => layout::TAIL,
            RingEnd::Receive => layout::HEAD,
        })
    }

    /// Counts the take-over, first of all under the lock. If this process dies before the store, the next
    /// owner takes over in turn, and counts one for both.
    fn note_taken_over(&self) {
        let at = match self.end {
            RingEnd::Send => layout::SENDERS_TAKEN_OVER,
            RingEnd::Receive => layout::RECEIVERS_TAKEN_OVER,
        };
        let region = &self.ring.membership.region;
        region.store(at, region.load(at).wrapping_add(1));
    }
}

/// What was not committed has no effect. Only messages that a dead receiver took may still have to be overwritten.
impl Recover for EndLock<'_> {
    fn is_dirty(&self) -> bool {
        self.end == RingEnd::Receive && self.ring.is_wipe_due()
    }

    fn finish(&self) -> Result<()> {
        self.ring.wipe_received()
    }
}

/// A held lock of an end.
pub(super) type EndGuard<'a> = Guard<EndLock<'a>>;

/// Acquires the lock of an end, waiting while its living holders make progress within `lock_timeout`. Without
/// a `lock_timeout`, tries just once and returns `None` if a living participant holds it.
///
/// # Errors
/// [`shmkit_object::error::Error::LockTimeout`].
pub(super) fn acquire(
    ring: &Ring,
    end: RingEnd,
    lock_timeout: Option<Duration>,
) -> Result<Option<EndGuard<'_>>> {
    let lock = EndLock::of(ring, end);
    match lock_timeout {
        Some(lock_timeout) => Guard::acquire(lock, lock_timeout).map(Some),
        None => Guard::try_acquire(lock),
    }
}

/// Frees the locks that the previous owner of our slot held when it died.
pub(super) fn recover_slot(ring: &Ring) {
    for end in [RingEnd::Send, RingEnd::Receive] {
        let _: Result<_> = Guard::recover_previous_owner(EndLock::of(ring, end));
    }
}
